//! Everything a key can do, each with its name in the configuration and one line for the help page.

/// Where a key is pressed. Text boxes and confirmations take their keys themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// Everywhere but in a text box.
    Global,
    /// The query box.
    Query,
    /// The filters pane.
    Filters,
    /// The results pane.
    Results,
}

impl Context {
    /// All of them, in the order of the help page.
    pub const ALL: [Self; 4] = [Self::Global, Self::Query, Self::Filters, Self::Results];

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Query => "query",
            Self::Filters => "filters",
            Self::Results => "results",
        }
    }

    /// Its title on the help page.
    pub fn title(self) -> &'static str {
        match self {
            Self::Global => "Anywhere but in a text box",
            Self::Query => "Query box",
            Self::Filters => "Filters",
            Self::Results => "Results",
        }
    }
}

macro_rules! actions {
    ($($variant:ident $context:ident $name:literal $hint:literal $describe:literal;)*) => {
        /// Something a key can do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action { $(#[doc = $describe] $variant,)* }

        impl Action {
            /// All actions, in the order of the help page.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Where it can be used.
            pub fn context(self) -> Context { match self { $(Self::$variant => Context::$context,)* } }

            /// Its name in the configuration.
            pub fn name(self) -> &'static str { match self { $(Self::$variant => $name,)* } }

            /// One or two words for the status line.
            pub fn hint(self) -> &'static str { match self { $(Self::$variant => $hint,)* } }

            /// One line for the help page and the palette.
            pub fn description(self) -> &'static str { match self { $(Self::$variant => $describe,)* } }
        }
    };
}

actions! {
    FocusQuery Global "focus-query" "query" "go to the query box";
    FocusFilters Global "focus-filters" "filters" "go to the filters";
    NextPane Global "next-pane" "next pane" "go to the next pane";
    PreviousPane Global "previous-pane" "previous pane" "go to the previous pane";
    Help Global "help" "help" "show all keys";
    Palette Global "palette" "palette" "find an action by its name";
    Account Global "account" "account" "the account: tier, credits, limits (free)";
    Usage Global "usage" "usage" "show the history of calls (free)";
    Receipts Global "receipts" "receipts" "show every credit spent";
    Shortlists Global "shortlists" "shortlists" "shortlist: order, notes, compare, export";
    Briefs Global "briefs" "briefs" "the briefs of a batch, one by one (free)";
    Tasks Global "tasks" "tasks" "what is under way; cancel what is not sent";
    Tour Global "tour" "hide tour" "start the tour, or put it out of the way";
    Message Global "message" "message" "show the last message in full";
    Redraw Global "redraw" "redraw" "draw the screen anew";
    Quit Global "quit" "quit" "quit; asks while something is under way";
    Interrupt Global "interrupt" "quit" "quit; asks once if a paid request is sent";
    Suspend Global "suspend" "suspend" "to the background (fg brings it back)";
    Back Global "back" "back" "close, leave or cancel; the sound goes on";

    Ask Query "ask" "ask" "ask Trackyard (1 credit; free if kept)";
    IntoRows Query "into-rows" "rows" "go down into the rows";
    EarlierQuery Query "earlier-query" "earlier" "an earlier query";
    ClearQuery Query "clear-query" "clear" "clear the box";
    ShowNear Query "show-near" "show near" "the kept answer to nearly the same (free)";
    UseWords Query "use-words" "as filters" "make filters of the words that mean some";
    DropWord Query "drop-word" "drop chip" "make the last filter word a mere word";

    FilterDown Filters "filter-down" "down" "next filter";
    FilterUp Filters "filter-up" "up" "previous filter";
    FilterLess Filters "filter-less" "less" "previous value (energy, vocals, BPM by 5)";
    FilterMore Filters "filter-more" "more" "next value (energy, vocals, BPM by 5)";
    FilterPick Filters "filter-pick" "choose" "choose from a list, or type your own";
    FilterClear Filters "filter-clear" "clear" "clear this filter";
    FilterClearAll Filters "filter-clear-all" "clear all" "clear all filters";

    Down Results "down" "down" "next track";
    Up Results "up" "up" "previous track";
    First Results "first" "first" "first track";
    Last Results "last" "last" "last track";
    HalfDown Results "half-down" "half page down" "half a page down";
    HalfUp Results "half-up" "half page up" "half a page up";
    PageDown Results "page-down" "page down" "a page down";
    PageUp Results "page-up" "page up" "a page up";
    PlayPause Results "play-pause" "pause" "pause or go on";
    PlayFromStart Results "play-from-start" "from start" "play from the start";
    Back5 Results "back-5" "−5 s" "5 seconds back";
    Forward5 Results "forward-5" "+5 s" "5 seconds forward";
    Back15 Results "back-15" "−15 s" "15 seconds back";
    Forward15 Results "forward-15" "+15 s" "15 seconds forward";
    Seek0 Results "seek-0" "start" "jump to the start";
    Seek1 Results "seek-10" "10 %" "jump to 10 %";
    Seek2 Results "seek-20" "20 %" "jump to 20 %";
    Seek3 Results "seek-30" "30 %" "jump to 30 %";
    Seek4 Results "seek-40" "40 %" "jump to 40 %";
    Seek5 Results "seek-50" "50 %" "jump to 50 %";
    Seek6 Results "seek-60" "60 %" "jump to 60 %";
    Seek7 Results "seek-70" "70 %" "jump to 70 %";
    Seek8 Results "seek-80" "80 %" "jump to 80 %";
    Seek9 Results "seek-90" "90 %" "jump to 90 %";
    Peak Results "peak" "peak" "jump to the loudest passage";
    LoopIn Results "loop-in" "loop in" "start of the loop here";
    LoopOut Results "loop-out" "loop out" "end of the loop here";
    Repeat Results "repeat" "repeat" "repeat the preview or the loop";
    VolumeUp Results "volume-up" "louder" "louder";
    VolumeDown Results "volume-down" "quieter" "quieter";
    Mute Results "mute" "mute" "mute";
    EvenLoudness Results "even-loudness" "even" "all previews equally loud, or as they are";
    AutoAudition Results "auto-audition" "auto" "play whatever the cursor reaches, or not";
    NextUnheard Results "next-unheard" "next new" "next track you have not heard";
    PreviousUnheard Results "previous-unheard" "previous new" "previous track you have not heard";
    Sort Results "sort" "sort" "sort by match, BPM, length, title, energy";
    Shortlist Results "shortlist" "shortlist" "put on the shortlist, or take off";
    Reject Results "reject" "reject" "reject for the project, or take back";
    FitClip Results "fit-clip" "fit a clip" "fit a clip: length, hit point (free)";
    HitPoint Results "hit-point" "hit point" "fit a clip with its hit point here (free)";
    Alike Results "alike" "like this" "tracks like this one, seen before (free)";
    Download Results "download" "download…" "download (1 credit, asks first)";
    NextPage Results "next-page" "next page…" "the next page (1 credit, asks first)";
    Refresh Results "refresh" "ask again…" "ask the same again (1 credit, asks first)";
    NextBrief Results "next-brief" "next brief" "the next brief: its answer, its shortlist";
    PreviousBrief Results "previous-brief" "previous brief" "the brief before";
    Copy Results "copy" "copy" "copy the id; again: credit line, file path";
}
