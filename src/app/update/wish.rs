//! Wishes with a value: what a line of text asks for, done as the keys would do it.

use super::{Effect, alike, batch, briefs, clip, filters, focus, list, play, query, search, shortlist, tasks, tour};
use crate::app::Wish;
use crate::state::{ClipField, Focus, Popup, Price, State};

/// Does it.
pub(super) fn grant(state: &mut State, wish: Wish, effects: &mut Vec<Effect>) {
    match wish {
        Wish::Words(words) => {
            focus(state, Focus::Query);
            query::set_text(state, "", effects);
            query::pasted(state, &words, effects);
        }
        Wish::Kept => kept(state, effects),
        Wish::Filters(wanted) => {
            state.filters.active = wanted;
            filters::changed(state, effects);
        }
        Wish::Row(row) => {
            focus(state, Focus::Results);
            list::go(state, row, effects);
        }
        Wish::Sort(sort) => {
            state.results.sort = sort;
            state.results.arrange(&state.filters.active);
            list::keep_in_view(state);
        }
        Wish::Seek(to) => play::seek(state, to, effects),
        Wish::Volume(percent) => play::set_volume(state, percent.min(100), effects),
        Wish::Project(name) => shortlist::open_project(state, &name, effects),
        Wish::Line(line) => match state.popups.last() {
            Some(Popup::Shortlist(_)) => shortlist::go(state, line, effects),
            Some(Popup::Alike(_)) => alike::go(state, line, effects),
            _ => {}
        },
        Wish::Note(note) => shortlist::note(state, &note, effects),
        Wish::ClipLength(seconds) => clip::set(state, ClipField::Length, Some(seconds), effects),
        Wish::ClipHit(at) => clip::set(state, ClipField::HitPoint, at, effects),
        Wish::AskBriefs => batch::ask_rest(state),
        Wish::ClipFilm(path) => effects.push(Effect::MediaLength(path)),
        Wish::Briefs(path) => briefs::read(state, path, effects),
        Wish::Brief(index) => briefs::show(state, index, true, effects),
        Wish::GiveUp(name) => tasks::give_up(state, name, effects),
        Wish::Tour(on) => tour::set(state, on, effects),
    }
}

/// Shows the answer that is here to the words in the box.
fn kept(state: &mut State, effects: &mut Vec<Effect>) {
    match state.request_in_box() {
        Ok(request) => {
            query::remember(state, request.query());
            focus(state, Focus::Results);
            search::start_kept(state, request, false, effects);
        }
        Err(invalid) => state.query.price = Price::Invalid(invalid.0),
    }
}
