//! Words about the sound.

use std::io::Write;
use std::time::Duration;

use crate::app::{Effect, Wish};
use crate::input::Action;
use crate::plain::line::Verb;
use crate::plain::{Plain, tell};
use crate::text::parse_seconds;

impl<W: Write, P: FnMut(Effect)> Plain<W, P> {
    pub(super) fn listening(&mut self, verb: Verb, rest: &str) {
        match verb {
            Verb::Play => return self.on_track(rest, Action::PlayFromStart),
            Verb::Pause => self.act(Action::PlayPause),
            Verb::Peak => self.act(Action::Peak),
            Verb::Auto => return self.act(Action::AutoAudition),
            Verb::Seek => return self.seek(rest),
            Verb::Loop => match rest {
                "in" | "out" => {
                    self.act(if rest == "in" { Action::LoopIn } else { Action::LoopOut });
                    return self.say_all(tell::sound(&self.state));
                }
                "off" if self.state.player.repeat => return self.act(Action::Repeat),
                "off" => {
                    // Switched on and off again, as the key does: off takes the loop away.
                    self.act(Action::Repeat);
                    return self.act(Action::Repeat);
                }
                _ => return self.fail("Say loop in, loop out or loop off."),
            },
            Verb::Volume if rest.is_empty() => return self.say(&tell::volume(&self.state)),
            Verb::Volume => match rest.trim_end_matches(['%', ' ']).parse::<u8>() {
                Ok(percent) if percent <= 100 => {
                    self.wish(Wish::Volume(percent));
                    return self.say(&tell::volume(&self.state));
                }
                _ => return self.fail("Say volume and a number from 0 to 100."),
            },
            Verb::Wait => {
                let until = match rest {
                    "" => None,
                    rest => match parse_seconds(rest) {
                        Some(seconds) => Some(self.now().plus_millis((seconds * 1000.0) as u64)),
                        None => return self.fail("Say wait, or wait and seconds."),
                    },
                };
                self.told.wait = Some(until);
                return;
            }
            _ => {}
        }
        self.say_all(tell::sound(&self.state).into_iter().take(2).collect());
    }

    fn seek(&mut self, rest: &str) {
        let player = &self.state.player;
        let Some(length) = player.length else {
            return self.fail("Nothing plays whose length is known, so there is no place to go to.");
        };
        let by = |sign: f64, text: &str| Some(player.position.as_secs_f64() + sign * parse_seconds(text)?);
        let to = if let Some(text) = rest.strip_prefix('+') {
            by(1.0, text)
        } else if let Some(text) = rest.strip_prefix(['-', '−']) {
            by(-1.0, text)
        } else if let Some(text) = rest.strip_suffix('%') {
            parse_seconds(text).map(|share| length.as_secs_f64() * share / 100.0)
        } else {
            parse_seconds(rest)
        };
        match to {
            Some(to) => {
                self.wish(Wish::Seek(Duration::from_secs_f64(to.clamp(0.0, length.as_secs_f64()))));
                self.say_all(tell::sound(&self.state).into_iter().take(2).collect());
            }
            None => self.fail("Say seek and a time: 0:12, 40 %, +5 or -5."),
        }
    }
}
