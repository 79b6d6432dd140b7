//! Words about what is under way, and giving it up.

use std::io::Write;

use crate::app::{Effect, Wish};
use crate::input::Action;
use crate::plain::{Plain, tell};
use crate::state::{Focus, Task, TaskName};

impl<W: Write, P: FnMut(Effect)> Plain<W, P> {
    /// `tasks`: its numbers are those that `cancel` takes.
    pub(super) fn tasks(&mut self) {
        self.told.tasks = self.task_names();
        let now = self.now();
        self.say_all(tell::tasks(&self.state, now));
    }

    /// `cancel`: leaves the search whose price was told, else gives up the first task that is not sent; with a number, that one.
    pub(super) fn cancel(&mut self, rest: &str) {
        if !rest.is_empty() {
            return self.cancel_task(rest);
        }
        let offered = self.told.offer.take().is_some() | std::mem::take(&mut self.told.pricing);
        let unsent = self.state.tasks().into_iter().find(|task| task.can_be_cancelled()).map(Task::name);
        let before = self.told.lines;
        match unsent {
            Some(name) if !offered => self.give_up(name),
            // Elsewhere than in the box it would give up something else.
            _ if offered && self.state.focus != Focus::Query => {}
            _ => self.act(Action::Back),
        }
        if self.told.lines == before {
            self.say(if offered {
                "Left it: nothing spent."
            } else {
                "There is nothing to cancel."
            });
        }
    }

    fn cancel_task(&mut self, rest: &str) {
        let there = self.task_names();
        // Numbers are those that were told: meanwhile the list may be another one.
        let told = if self.told.tasks.is_empty() { &there } else { &self.told.tasks };
        let place = rest
            .trim_start_matches('#')
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1));
        match place.and_then(|place| told.get(place)).copied() {
            Some(name) if there.contains(&name) => self.give_up(name),
            Some(_) => self.fail("It is not there any more. Say tasks to hear what is."),
            None => self.fail("There is no such task. Say tasks to hear which there are."),
        }
    }

    fn give_up(&mut self, name: TaskName) {
        let (count, before) = (self.state.tasks().len(), self.told.lines);
        self.wish(Wish::GiveUp(name));
        if self.told.lines > before {
            return;
        }
        let off_the_list = self.state.tasks().len() < count;
        self.say(if off_the_list {
            "It was over, and is off the list."
        } else {
            "Giving it up, if it is not sent meanwhile."
        });
    }

    fn task_names(&self) -> Vec<TaskName> {
        self.state.tasks().into_iter().map(Task::name).collect()
    }
}
