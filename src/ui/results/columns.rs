//! Which columns of the table fit, and how wide they are.

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Title.
    Title,
    /// Artist.
    Artist,
    /// Tempo.
    Bpm,
    /// Musical key, in short.
    Key,
    /// Length of the full track.
    Length,
    /// The first moods.
    Mood,
    /// Energy as bars.
    Energy,
    /// Whether somebody sings.
    Vocals,
}

impl Kind {
    /// In the order of the table.
    const ALL: [Self; 8] = [
        Self::Title,
        Self::Artist,
        Self::Bpm,
        Self::Key,
        Self::Length,
        Self::Mood,
        Self::Energy,
        Self::Vocals,
    ];

    /// What is left when room is short, the most important first.
    const BY_WORTH: [Self; 8] = [
        Self::Title,
        Self::Length,
        Self::Bpm,
        Self::Artist,
        Self::Key,
        Self::Mood,
        Self::Energy,
        Self::Vocals,
    ];

    /// Its name in the header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "Title",
            Self::Artist => "Artist",
            Self::Bpm => "BPM",
            Self::Key => "Key",
            Self::Length => "Length",
            Self::Mood => "Mood",
            Self::Energy => "▂▅█",
            Self::Vocals => "Vox",
        }
    }

    /// Numbers stand at the right of their column.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Bpm | Self::Length)
    }

    fn least(self) -> usize {
        match self {
            Self::Title => 18,
            Self::Artist => 12,
            Self::Mood => 9,
            Self::Length => 6,
            Self::Key => 4,
            Self::Bpm | Self::Energy | Self::Vocals => 3,
        }
    }

    /// Its part of the room that is left over, in quarters.
    fn share(self) -> usize {
        match self {
            Self::Title => 2,
            Self::Artist | Self::Mood => 1,
            _ => 0,
        }
    }
}

/// A column and its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Which.
    pub kind: Kind,
    /// In terminal columns.
    pub width: usize,
}

/// Room before the first column: the bar, two marks and a space.
pub const MARKS: usize = 4;
/// Room between two columns.
pub const GAP: usize = 2;

/// The columns that fit into a table of this width, in order. A title is always there.
pub fn fitting(width: usize) -> Vec<Column> {
    // One column of air at the right.
    let room = width.saturating_sub(MARKS + 1);
    let mut used = 0;
    let mut kept = Vec::new();
    for kind in Kind::BY_WORTH {
        let wanted = kind.least() + if kept.is_empty() { 0 } else { GAP };
        if used + wanted > room && !kept.is_empty() {
            break;
        }
        used += wanted;
        kept.push(kind);
    }
    let mut columns: Vec<Column> = Kind::ALL
        .into_iter()
        .filter(|kind| kept.contains(kind))
        .map(|kind| Column { kind, width: kind.least() })
        .collect();
    let spare = room.saturating_sub(used);
    let shares: usize = columns.iter().map(|column| column.kind.share()).sum();
    let mut given = 0;
    for column in &mut columns {
        let more = spare * column.kind.share() / shares.max(1);
        column.width += more;
        given += more;
    }
    if let Some(title) = columns.first_mut() {
        title.width = (title.width + spare - given).min(room);
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_fill_the_table_exactly() {
        for width in 5..300 {
            let columns = fitting(width);
            let used: usize = columns.iter().map(|column| column.width).sum::<usize>() + GAP * (columns.len() - 1);
            assert_eq!(used, width - MARKS - 1, "{width}");
            assert_eq!(columns[0].kind, Kind::Title);
        }
    }

    #[test]
    fn all_of_them_fit_in_the_middle_of_a_usual_window() {
        assert_eq!(fitting(82).len(), 8);
        assert_eq!(
            fitting(38).iter().map(|column| column.kind).collect::<Vec<_>>(),
            [Kind::Title, Kind::Bpm, Kind::Length]
        );
    }
}
