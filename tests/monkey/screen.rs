//! A screen that looks at every cell that is drawn on it.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex};

use ratatui::backend::{Backend, ClearType, TestBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

/// The screen, shared with who changes its size.
#[derive(Clone)]
pub struct Watched {
    screen: Arc<Mutex<TestBackend>>,
    secret: String,
}

impl Watched {
    /// A screen on which this must never be seen.
    pub fn new(secret: &str) -> Self {
        Self {
            screen: Arc::new(Mutex::new(TestBackend::new(140, 42))),
            secret: secret.to_owned(),
        }
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.screen.lock().unwrap().resize(columns, rows);
    }

    /// Whether these words are in a row of it.
    pub fn shows(&self, words: &str) -> bool {
        self.rows().iter().any(|row| row.contains(words))
    }

    fn rows(&self) -> Vec<String> {
        let screen = self.screen.lock().unwrap();
        let buffer = screen.buffer();
        let width = usize::from(buffer.area.width.max(1));
        let text = |row: &[Cell]| row.iter().map(Cell::symbol).collect::<String>();
        buffer.content.chunks(width).map(text).collect()
    }

    fn look(&self) {
        for row in self.rows() {
            assert!(!row.contains(&self.secret), "the key is on the screen: {row}");
        }
    }
}

/// A screen in memory cannot fail, but the loop asks for one that can.
#[allow(clippy::unnecessary_wraps, reason = "the trait wants a result")]
fn sure<T>(result: Result<T, Infallible>) -> io::Result<T> {
    match result {
        Ok(value) => Ok(value),
    }
}

/// Whether a terminal would do anything but show it.
fn hostile(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

impl Backend for Watched {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Self::Error>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let cells: Vec<_> = content.collect();
        for (x, y, cell) in &cells {
            assert!(!cell.symbol().chars().any(hostile), "{:?} is drawn at {x}, {y}", cell.symbol());
        }
        sure(self.screen.lock().unwrap().draw(cells.into_iter()))
    }

    fn hide_cursor(&mut self) -> Result<(), Self::Error> {
        sure(self.screen.lock().unwrap().hide_cursor())
    }

    fn show_cursor(&mut self) -> Result<(), Self::Error> {
        sure(self.screen.lock().unwrap().show_cursor())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Self::Error> {
        sure(self.screen.lock().unwrap().get_cursor_position())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Self::Error> {
        sure(self.screen.lock().unwrap().set_cursor_position(position))
    }

    fn clear(&mut self) -> Result<(), Self::Error> {
        sure(self.screen.lock().unwrap().clear())
    }

    fn clear_region(&mut self, clear_type: ClearType) -> Result<(), Self::Error> {
        sure(self.screen.lock().unwrap().clear_region(clear_type))
    }

    fn size(&self) -> Result<Size, Self::Error> {
        sure(self.screen.lock().unwrap().size())
    }

    fn window_size(&mut self) -> Result<WindowSize, Self::Error> {
        sure(self.screen.lock().unwrap().window_size())
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.look();
        sure(self.screen.lock().unwrap().flush())
    }
}
