//! What a line says: a word of this page, a number, or the name of an action.

use crate::input::Action;
use crate::text::nearest;

macro_rules! verbs {
    ($($group:literal { $($variant:ident $name:literal $rest:literal $what:literal;)* })*) => {
        /// A word that begins a line.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Verb { $($(#[doc = $what] $variant,)*)* }

        impl Verb {
            /// All of them, in the order of the help page.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            /// The word.
            pub fn name(self) -> &'static str { match self { $($(Self::$variant => $name,)*)* } }

            /// What follows the word.
            pub fn rest(self) -> &'static str { match self { $($(Self::$variant => $rest,)*)* } }

            /// What it does, for the help page.
            pub fn what(self) -> &'static str { match self { $($(Self::$variant => $what,)*)* } }

            /// The part of the help page it is in.
            pub fn group(self) -> &'static str { match self { $($(Self::$variant => $group,)*)* } }
        }
    };
}

verbs! {
    "Searching" {
        Search "search" "WORDS" "says what asking for this music would cost; what was asked before is shown at once, free";
        Ask "ask" "" "after search: spends the credit that it has named";
        Near "near" "" "shows the answer that is here to nearly the same words, free";
        More "more" "" "the next page: free if it was paid for before, else it asks (1 credit)";
        Again "again" "" "the same search anew: it asks (1 credit)";
        Filter "filter" "[NAME VALUES]" "narrows the tracks at once, free: genres, moods, instruments, energy, vocals, bpm; filter clear takes all away";
        Earlier "earlier" "" "what was searched for earlier";
        Cancel "cancel" "[NUMBER]" "gives up what is not sent yet; with a number, that one of the tasks";
    }
    "Tracks" {
        List "list" "[NUMBER]" "reads ten tracks, from the one after those read last or from that number; a number alone goes to its track and plays it";
        Describe "describe" "[NUMBER]" "reads everything about a track";
        Next "next" "" "goes to the next track and plays it";
        Previous "previous" "" "goes to the previous track and plays it";
        Unheard "unheard" "" "goes to the next track that was not heard";
        Sort "sort" "[ORDER]" "match, bpm, length, title or energy; alone: the next of these";
        Like "like" "[NUMBER]" "tracks like this one, among those seen before, free";
        Copy "copy" "[NUMBER]" "copies the track's id; again, a line for the credits; again, the path of its file if you own that";
    }
    "Listening" {
        Play "play" "[NUMBER]" "plays a track from its start";
        Pause "pause" "" "pauses, or goes on";
        Seek "seek" "TIME" "goes to 0:12, to 40 %, or +5 and -5 seconds from here";
        Peak "peak" "" "goes to the loudest passage";
        Loop "loop" "in, out or off" "a loop that begins or ends here";
        Volume "volume" "[PER CENT]" "sets the volume, or says it";
        Auto "auto" "" "tracks play when they are gone to, or not";
        Where "where" "" "what plays, and where in it";
        Wait "wait" "[SECONDS]" "in a pipe: lets the preview play so long, or to its end, before the next line";
    }
    "Choosing" {
        Shortlist "shortlist" "[NUMBER]" "puts a track on the shortlist of the project, or takes it off";
        Reject "reject" "[NUMBER]" "rejects a track for the project, or takes it back";
        Shortlists "shortlists" "" "opens the shortlist: then numbers, note TEXT, remove, up, down, compare, export, download, close";
        Project "project" "NAME" "goes to the project of that name, or makes it";
        Briefs "briefs" "[FILE, NUMBER or ask]" "opens a file of briefs, reads them, or goes to one of them, free; next-brief and previous-brief go on from there; briefs ask says what asking all that is missing costs, and ask all spends that";
    }
    "Buying" {
        Clip "clip" "[NUMBER]" "fits a clip, free: then length, hit, film, rehearse, cut, download, close";
        Download "download" "[NUMBER]" "says what the download costs and asks; buy spends the credit";
        Downloads "downloads" "" "the downloads of this session";
        Tasks "tasks" "" "numbered, all that is under way, searches, batches and downloads, and what is over; cancel takes such a number";
    }
    "Account" {
        Account "account" "" "tier, credits and limits";
        Usage "usage" "" "the history of calls, free";
        Receipts "receipts" "[export, check or note]" "every credit spent; export writes a table, check looks at the files, note writes credits.txt";
    }
    "While a list or a clip is open" {
        Note "note" "TEXT" "a note beside the track of the shortlist";
        Remove "remove" "" "takes the track off the shortlist";
        Undo "undo" "" "puts back on the shortlist what was taken off it last";
        Up "up" "" "moves the track up in the shortlist; elsewhere it is previous";
        Down "down" "" "moves the track down in the shortlist; elsewhere it is next";
        Compare "compare" "" "plays the other of two tracks at the same passage";
        Export "export" "" "writes the shortlist as JSON, CSV and M3U";
        Take "take" "" "makes the tracks that are alike the list";
        Length "length" "TIME" "the length of the clip, 10 to 300 s";
        Hit "hit" "TIME, here or none" "where in the clip its energy peak shall land";
        Film "film" "FILE" "the length of this video or voice file";
        Rehearse "rehearse" "" "plays what the clip will probably be, again and again";
        Cut "cut" "" "cuts the clip from the full track, if that is owned, free";
        Close "close" "" "closes what is open";
    }
    "Else" {
        Message "message" "" "what was said last";
        Tour "tour" "" "leads from words to a file, a step at a time; again: ends that";
        Sandbox "sandbox" "" "without a key: starts the sandbox, play money and no key needed";
        Key "key" "[keyring]" "without a key: takes the next line for one, which is not shown, and keeps it for you alone, in the configuration or in the system's keyring";
        Help "help" "[WORD or actions]" "this page, one word of it, or every action by its name";
        Quit "quit" "" "leaves";
    }
}

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// Nothing.
    Blank,
    /// A number alone.
    Number(usize),
    /// A word, and what follows it.
    Verb(Verb, String),
    /// The name of an action.
    Act(Action),
    /// None of these; the word, and the known one that is most like it.
    Unknown(String, Option<&'static str>),
}

/// Reads a line. Letter case does not matter in its first word.
pub fn read(line: &str) -> Line {
    let line = line.trim();
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let (word, rest) = (first.to_lowercase(), rest.trim());
    if word.is_empty() {
        return Line::Blank;
    }
    if rest.is_empty()
        && let Ok(number) = word.trim_start_matches('#').parse()
    {
        return Line::Number(number);
    }
    if let Some(verb) = Verb::ALL.iter().find(|verb| verb.name() == word) {
        return Line::Verb(*verb, rest.to_owned());
    }
    if let Some(action) = Action::ALL.iter().find(|action| action.name() == word && rest.is_empty()) {
        return match instead(*action) {
            Some((verb, rest)) => Line::Verb(verb, rest.to_owned()),
            None => Line::Act(*action),
        };
    }
    let words = Verb::ALL.iter().map(|verb| verb.name());
    let known = words.chain(Action::ALL.iter().map(|action| action.name()));
    Line::Unknown(first.to_owned(), nearest(&word, known))
}

/// The word that does in lines what this action does on the screen, and what follows it, where that is another one than the action's name.
fn instead(action: Action) -> Option<(Verb, &'static str)> {
    let verb = match action {
        Action::FocusQuery | Action::ClearQuery => Verb::Search,
        Action::IntoRows => Verb::List,
        Action::EarlierQuery => Verb::Earlier,
        Action::ShowNear => Verb::Near,
        Action::NextPage => Verb::More,
        Action::Refresh => Verb::Again,
        Action::FilterClearAll => return Some((Verb::Filter, "clear")),
        Action::FocusFilters
        | Action::FilterDown
        | Action::FilterUp
        | Action::FilterLess
        | Action::FilterMore
        | Action::FilterPick
        | Action::FilterClear => Verb::Filter,
        Action::Alike => Verb::Like,
        Action::FitClip => Verb::Clip,
        Action::Palette => Verb::Help,
        // They are about the screen itself.
        Action::NextPane | Action::PreviousPane | Action::Redraw | Action::Suspend => Verb::Where,
        Action::Back => Verb::Cancel,
        _ => return None,
    };
    Some((verb, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_and_mistakes_get_the_nearest_one() {
        for (text, line) in [
            ("", Line::Blank),
            ("  12 ", Line::Number(12)),
            ("#3", Line::Number(3)),
            ("SEARCH  Calm  piano ", Line::Verb(Verb::Search, "Calm  piano".into())),
            ("list", Line::Verb(Verb::List, String::new())),
            ("loop-in", Line::Act(Action::LoopIn)),
            ("3 4", Line::Unknown("3".into(), None)),
            ("serch piano", Line::Unknown("serch".into(), Some("search"))),
            ("qwxz", Line::Unknown("qwxz".into(), None)),
        ] {
            assert_eq!(read(text), line, "{text:?}");
        }
    }

    #[test]
    fn no_word_is_the_start_of_two_things() {
        for (at, verb) in Verb::ALL.iter().enumerate() {
            assert!(
                Verb::ALL[at + 1..].iter().all(|other| other.name() != verb.name()),
                "{}",
                verb.name()
            );
        }
    }
}
