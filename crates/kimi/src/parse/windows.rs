//! Quota windows: which window a row is about, what its figures are, and which figure is right where
//! several are given.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use tidemark_core::meter::MAX_PERCENT;
use tidemark_core::{Meter, MeterReading};

use super::fields::{Node, is_named};
use super::value::{self, Field};

/// Decimals that a percentage is rounded to.
const DECIMALS: u32 = 8;

/// The moments at which a window ends, by the names seen since 2026-01.
const RESET: [&str; 6] = ["reset_time", "reset_at", "period_end", "resets_at", "next_reset_time", "reset"];

/// The same as seconds from now, in clients of before summer 2026.
const RESET_IN: [&str; 3] = ["reset_in", "ttl", "reset_after"];

/// Seconds in a unit of time, by its name without prefix and plural.
const UNITS: [(&str, u32); 14] = [
    ("SECOND", 1),
    ("SEC", 1),
    ("S", 1),
    ("MINUTE", 60),
    ("MIN", 60),
    ("M", 60),
    ("HOUR", 3_600),
    ("HR", 3_600),
    ("H", 3_600),
    ("DAY", 86_400),
    ("D", 86_400),
    ("WEEK", 604_800),
    ("W", 604_800),
    ("MONTH", 2_592_000),
];

/// 2^62: a limit from here on stands for none.
const NO_LIMIT: Decimal = Decimal::from_parts(0, 0x4000_0000, 0, false, 0);

const FIVE_HOURS: u32 = 5 * 3_600;
const WEEK: u32 = 7 * 86_400;

/// Names that an item without a readable window may bear.
const NAMES: [(&str, Meter); 8] = [
    ("5h", Meter::FiveHour),
    ("5-hour", Meter::FiveHour),
    ("5 hour", Meter::FiveHour),
    ("five hour", Meter::FiveHour),
    ("7d", Meter::Week),
    ("7-day", Meter::Week),
    ("7 day", Meter::Week),
    ("week", Meter::Week),
];

/// What window an item of `limits` is about.
pub(super) enum Window<'a> {
    /// One that is shown: five hours or a week.
    Of(Meter),
    /// One of another length, with the place that gives it.
    UnknownLength(Node<'a>),
    /// None, or one whose length cannot be read, which has been noted.
    Unreadable,
}

/// Which window an item of `limits` is about. One that cannot be read is noted.
pub(super) fn window_of<'a>(item: &Node<'a>) -> Window<'a> {
    if item.is_empty() {
        return Window::Unreadable;
    }
    let window = item.object_if_any(&["window"]);
    let detail = item.object_if_any(&["detail"]);
    let places: Vec<&Node<'_>> =
        [window.as_ref(), Some(item), detail.as_ref()].into_iter().flatten().collect();

    let mut duration = first(&places, |node| node.number(&["duration"]));
    if duration.is_missing() && window.is_none() {
        // Older clients write the length itself here.
        duration = item.number(&["window"]);
    }
    let unit = first(&places, |node| node.text(&["time_unit", "unit"]));
    let name = first(&places, |node| node.text(&["name", "title", "scope", "label"]));

    let of_length = |length: Decimal, unit: Unit| match meter_of(length, unit) {
        Some(meter) => Window::Of(meter),
        None => Window::UnknownLength(window.clone().unwrap_or_else(|| item.clone())),
    };
    match duration {
        Field::Known(length) => match unit {
            Field::Missing => return of_length(length, Unit::None),
            Field::Known(word) => match unit_of(word) {
                Some(unit) => return of_length(length, unit),
                None => places.iter().for_each(|place| place.note_any(&["time_unit", "unit"])),
            },
            // Noted where it stands, as below.
            Field::Unreadable => {}
        },
        Field::Unreadable => {}
        Field::Missing => {
            if by_name(name).is_none() {
                item.note("window");
            }
        }
    }
    by_name(name).map_or(Window::Unreadable, Window::Of)
}

fn by_name(name: Field<&str>) -> Option<Meter> {
    let name = name.known()?.to_ascii_lowercase();
    NAMES.iter().find(|(word, _)| name.contains(word)).map(|(_, meter)| *meter)
}

/// A unit of time, or none given.
#[derive(Clone, Copy)]
enum Unit {
    None,
    Seconds(u32),
}

fn unit_of(word: &str) -> Option<Unit> {
    let word = word.to_ascii_uppercase();
    let word = word.strip_prefix("TIME_UNIT_").or_else(|| word.strip_prefix("UNIT_")).unwrap_or(&word);
    if matches!(word, "UNSPECIFIED" | "UNKNOWN") {
        return Some(Unit::None);
    }
    let singular = if word.len() > 1 { word.strip_suffix('S').unwrap_or(word) } else { word };
    UNITS.iter().find(|(name, _)| *name == singular).map(|(_, seconds)| Unit::Seconds(*seconds))
}

/// The meter of a window of a length; `None` for windows that are not shown.
fn meter_of(length: Decimal, unit: Unit) -> Option<Meter> {
    let is = |seconds: u32| length == Decimal::from(seconds);
    match unit {
        Unit::Seconds(unit) => {
            let seconds = length.checked_mul(Decimal::from(unit))?;
            if seconds == Decimal::from(FIVE_HOURS) {
                Some(Meter::FiveHour)
            } else if seconds == Decimal::from(WEEK) {
                Some(Meter::Week)
            } else {
                None
            }
        }
        // Without a unit the number itself decides: 300 and 10080 are minutes, the others seconds.
        Unit::None if is(FIVE_HOURS / 60) || is(FIVE_HOURS) => Some(Meter::FiveHour),
        Unit::None if is(WEEK / 60) || is(WEEK) => Some(Meter::Week),
        Unit::None => None,
    }
}

/// The first place that says anything.
fn first<'a, T>(places: &[&Node<'a>], read: impl Fn(&Node<'a>) -> Field<T>) -> Field<T> {
    let mut told = Field::Missing;
    for place in places {
        match read(place) {
            Field::Known(value) => return Field::Known(value),
            Field::Unreadable => told = Field::Unreadable,
            Field::Missing => {}
        }
    }
    told
}

/// One figure of a window: how much of it is used.
#[derive(Debug, Clone, Copy)]
struct Figure {
    percent: Decimal,
    /// The smallest difference that this figure can show, in points.
    step: Decimal,
}

/// A row: what was used, what is left, and the limit, as far as given, or the share that is used.
#[derive(Debug, Default)]
pub(super) struct Row {
    used: Option<Decimal>,
    limit: Option<Decimal>,
    figures: Vec<Figure>,
    /// Whether a figure was there that is too large to calculate with.
    lost: bool,
    /// Whether the row says that there is no quota: nothing at all, a limit of 0, or one that stands for none.
    none: bool,
    /// Whether a part of it has been named that may be its figure.
    named: bool,
    resets_at: Option<DateTime<Utc>>,
}

/// Notes the first member of one of the names in the places.
fn note_first<'a>(places: &[&Node<'a>], names: &'a [&'a str]) {
    if let Some(place) = places.iter().find(|place| place.has(names)) {
        place.note_any(names);
    }
}

impl Row {
    /// Reads a row whose fields stand under `detail` or on the node itself. Where `window_is_reset` a
    /// plain number `window` on the node is the seconds until the reset, as old clients had it.
    pub(super) fn read(node: &Node<'_>, window_is_reset: bool, at: DateTime<Utc>) -> Self {
        let detail = node.object(&["detail"]);
        let places: Vec<&Node<'_>> = [detail.as_ref(), Some(node)].into_iter().flatten().collect();
        let resets_at = resets_at(&places, if window_is_reset { places.len() } else { places.len() - 1 }, at);
        let limit = first(&places, |place| place.number(&LIMIT));
        let used = first(&places, |place| place.number(&USED));
        let remaining = first(&places, |place| place.number(&REMAINING));
        let share = share(&places);
        // A figure by a name that is not known stands for the zeros that would be omitted.
        let foreign = places.iter().any(|place| note_foreign(place));
        let uncounted = used.is_missing() && remaining.is_missing();
        let unknown = uncounted
            && (places.iter().any(|place| place.note_null(&["used", "remaining"]))
                || foreign
                || !matches!(share, Field::Missing));
        let used = if unknown { Field::Unreadable } else { used };
        let mut row = Self::count(limit, used, remaining);
        if matches!(limit, Field::Known(limit) if limit < Decimal::ZERO) {
            note_first(&places, &LIMIT);
        } else if row.lost {
            note_first(&places, if used.known().is_some() { &USED } else { &REMAINING });
        }
        // No limit, and a share of it all the same.
        let told = share.known().filter(|share| !row.none || share.percent > Decimal::ZERO);
        row.none = told.is_none()
            && (row.none || !foreign && share.is_missing() && places.iter().all(|place| says_nothing(place)));
        row.named = foreign || matches!(share, Field::Unreadable);
        row.figures.splice(0..0, told);
        row.resets_at = resets_at;
        row
    }

    /// What the three numbers say. The service omits zeros: no `used` means what `remaining` leaves, and
    /// neither means nothing used. No `remaining` beside a `used` says nothing further: an exhausted
    /// window and clients that never sent it cannot be distinguished.
    fn count(limit: Field<Decimal>, used: Field<Decimal>, remaining: Field<Decimal>) -> Self {
        let sum = || used.known()?.checked_add(remaining.known()?);
        let told = match limit {
            Field::Known(limit) => Some(limit),
            Field::Missing | Field::Unreadable => sum(),
        };
        // A number near 2^63 is how programs write "no limit".
        if told.is_some_and(|limit| limit.is_zero() || limit >= NO_LIMIT) {
            return Self { none: true, ..Self::default() };
        }
        let Some(limit) = told.filter(|limit| *limit > Decimal::ZERO) else {
            let both = used.known().is_some() && remaining.known().is_some();
            return Self { lost: told.map_or(both, |limit| limit < Decimal::ZERO), ..Self::default() };
        };
        let left = |remaining: Decimal| limit.checked_sub(remaining);
        let counted = match (used, remaining) {
            (Field::Known(used), _) => Some(used),
            (_, Field::Known(remaining)) => left(remaining),
            (Field::Missing, Field::Missing) => Some(Decimal::ZERO),
            _ => None,
        };
        let mut figures: Vec<Figure> = counted.and_then(|used| figure(used, limit)).into_iter().collect();
        let mut told = usize::from(used.known().is_some() || remaining.known().is_some());
        if let (Field::Known(_), Field::Known(remaining)) = (used, remaining) {
            told += 1;
            figures.extend(left(remaining).and_then(|used| figure(used, limit)));
        }
        let lost = figures.len() < told;
        Self { used: counted, limit: Some(limit), figures, lost, ..Self::default() }
    }

    /// Whether the row says that there is no quota.
    pub(super) const fn is_none(&self) -> bool {
        self.none
    }

    /// Names a row that says something and gives no figure: at the figure that is no use alone, or as a whole. Where
    /// the window is known from elsewhere, a row with only a moment of reset is no loss.
    pub(super) fn note_without_figure(&self, node: &Node<'_>, is_known: bool) {
        if self.none || self.named || !self.figures.is_empty() {
            return;
        }
        let detail = node.object_if_any(&["detail"]).filter(|detail| !detail.is_empty());
        let place = detail.as_ref().unwrap_or(node);
        if place.has(&LIMIT) {
            // What is wrong with it has been named.
        } else if place.has(&USED) {
            place.note_any(&USED);
        } else if place.has(&REMAINING) {
            place.note_any(&REMAINING);
        } else if !is_known {
            place.note_self();
        }
    }

    pub(super) const fn has_figure(&self) -> bool {
        !self.figures.is_empty()
    }

    fn greatest(&self) -> Option<Decimal> {
        self.figures.iter().map(|figure| figure.percent).max()
    }
}

const LIMIT: [&str; 1] = ["limit"];
const USED: [&str; 1] = ["used"];
const REMAINING: [&str; 1] = ["remaining"];

/// The names of a share of the whole that is used, or left.
const RATIO: [&str; 4] = ["used_ratio", "ratio", "usage_ratio", "utilization"];
const RATIO_LEFT: [&str; 3] = ["remaining_ratio", "left_ratio", "available_ratio"];

/// The same in percent.
const PERCENT: [&str; 8] = [
    "used_percent",
    "used_percentage",
    "percent",
    "percentage",
    "usage_percent",
    "usage_percentage",
    "percent_used",
    "used_pct",
];
const PERCENT_LEFT: [&str; 4] =
    ["remaining_percent", "remaining_percentage", "left_percent", "percent_remaining"];

/// The share that the places give. One that is null is unknown.
fn share(places: &[&Node<'_>]) -> Field<Figure> {
    /// Where it stands, whether it is in percent, and how it becomes the share that is used.
    type Kind = (&'static [&'static str], bool, fn(Decimal) -> Option<Figure>);

    let kinds: [Kind; 4] = [
        (&RATIO, false, of_ratio),
        (&RATIO_LEFT, false, |left| of_ratio(Decimal::ONE.checked_sub(left)?)),
        (&PERCENT, true, of_percent),
        (&PERCENT_LEFT, true, |left| of_percent(Decimal::ONE_HUNDRED.checked_sub(left)?)),
    ];
    let mut told = Field::Missing;
    for (names, in_percent, figure_of) in kinds {
        let read = |place: &Node<'_>| if in_percent { place.percentage(names) } else { place.number(names) };
        match first(places, read) {
            Field::Known(number) => {
                if let Some(figure) = figure_of(number) {
                    return Field::Known(figure);
                }
                note_first(places, names);
                told = Field::Unreadable;
            }
            Field::Unreadable => told = Field::Unreadable,
            Field::Missing if places.iter().any(|place| place.note_null(names)) => told = Field::Unreadable,
            Field::Missing => {}
        }
    }
    told
}

/// What may stand in a row beside its figures, and is none.
const BESIDE: [&str; 15] = [
    "window",
    "detail",
    "limits",
    "duration",
    "time_unit",
    "unit",
    "name",
    "title",
    "scope",
    "label",
    "id",
    "type",
    "version",
    "enabled",
    "limited",
];

/// Notes the members that seem to be figures or quotas and bear no known name, and says whether there are any.
fn note_foreign(node: &Node<'_>) -> bool {
    let known = |key: &str| {
        let names: [&[&str]; 9] =
            [&LIMIT, &USED, &REMAINING, &RATIO, &RATIO_LEFT, &PERCENT, &PERCENT_LEFT, &BESIDE, &RESET];
        names.into_iter().flatten().chain(&RESET_IN).any(|name| is_named(key, name))
    };
    // Moments, lengths of time and ids.
    let of_time = |key: &str| {
        let key = key.to_ascii_lowercase();
        ["time", "at", "start", "end", "date", "seconds", "ms", "id"].iter().any(|end| key.ends_with(end))
    };
    let foreign: Vec<&str> = node
        .entries()
        .filter(|(key, value)| !known(key) && !of_time(key) && shows_figure(value))
        .map(|(key, _)| key)
        .collect();
    for key in &foreign {
        node.note(key);
    }
    !foreign.is_empty()
}

fn shows_figure(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.values().any(shows_figure),
        Value::Array(list) => list.iter().any(shows_figure),
        Value::Bool(_) | Value::Null => false,
        _ => matches!(value::percentage(value), Field::Known(_)),
    }
}

/// Whether nothing stands in a place that could be about a quota.
fn says_nothing(node: &Node<'_>) -> bool {
    node.entries().all(|(key, value)| match value {
        Value::Object(map) => {
            map.values().all(Value::is_null) || is_named(key, "window") || is_named(key, "detail")
        }
        Value::Array(list) => list.is_empty(),
        _ => BESIDE.iter().any(|name| is_named(key, name)),
    })
}

fn figure(used: Decimal, limit: Decimal) -> Option<Figure> {
    let percent = believable(used.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(limit)?)?;
    let unit = Decimal::new(1, used.normalize().scale().min(28));
    let step = unit.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(limit)?;
    Some(Figure { percent: percent.round_dp(DECIMALS).normalize(), step })
}

/// A percentage that can be one: no quota was ever used ten thousand times over.
fn believable(percent: Decimal) -> Option<Decimal> {
    (percent.abs() <= MAX_PERCENT).then_some(percent)
}

/// When the window ends. Absolute times go first; then seconds from now, among them a plain number
/// `window` on the first `with_window` of the places.
fn resets_at(places: &[&Node<'_>], with_window: usize, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    first(places, |place| place.instant(&RESET))
        .known()
        .or_else(|| first(places, |place| place.instant_after(&RESET_IN, at)).known())
        .or_else(|| {
            places.iter().take(with_window).find_map(|place| {
                let plain = place.raw(&["window"]).is_some_and(|(_, value)| !value.is_object());
                plain.then(|| place.instant_after(&["window"], at).known()).flatten()
            })
        })
}

/// An entry of the map `usages`.
#[derive(Debug)]
pub(super) struct RatioEntry {
    figure: Option<Figure>,
    row: Option<Row>,
    resets_at: Option<DateTime<Utc>>,
}

impl RatioEntry {
    pub(super) fn has_figure(&self) -> bool {
        self.figure.is_some() || self.row.as_ref().is_some_and(Row::has_figure)
    }

    /// Reads an entry. A ratio that is missing beside a reset time is an omitted zero, where nothing else there may be
    /// the figure; an empty object is a window that is not reported.
    pub(super) fn read(node: &Node<'_>, at: DateTime<Utc>) -> Self {
        let resets_at = resets_at(&[node], 0, at);
        let row = node.has(&["limit", "used", "remaining"]).then(|| Row::read(node, false, at));
        let figure = match (share(&[node]), &row) {
            // The row has it.
            (Field::Known(_), Some(_)) => None,
            (Field::Missing, None) if !note_foreign(node) && resets_at.is_some() => of_ratio(Decimal::ZERO),
            (told, _) => told.known(),
        };
        if let Some(row) = &row {
            row.note_without_figure(node, false);
        }
        Self { figure, row, resets_at }
    }
}

/// Ratios beyond 0 to 1 are kept as they are. They come with four decimals, trailing zeros left out.
fn of_ratio(ratio: Decimal) -> Option<Figure> {
    let percent = believable(ratio.checked_mul(Decimal::ONE_HUNDRED)?)?.round_dp(DECIMALS).normalize();
    Some(Figure { percent, step: Decimal::new(1, percent.scale().max(2)) })
}

/// Percentages are shares of a hundred.
fn of_percent(percent: Decimal) -> Option<Figure> {
    let percent = believable(percent)?.round_dp(DECIMALS).normalize();
    Some(Figure { percent, step: Decimal::new(1, percent.scale()) })
}

/// The reading of a window from everything that was said of it: where all figures agree within one point
/// the finest is given (the ratio, where two are equally fine); where they do not, the largest, and the
/// conflict is marked. `None` where there is no figure.
pub(super) fn reading(meter: Meter, mut rows: Vec<Row>, ratio: Option<RatioEntry>) -> Option<MeterReading> {
    let (ratio, map_resets_at) = match ratio {
        Some(entry) => {
            rows.extend(entry.row);
            (entry.figure, entry.resets_at)
        }
        None => (None, None),
    };
    let figures: Vec<Figure> =
        ratio.into_iter().chain(rows.iter().flat_map(|row| row.figures.clone())).collect();
    let largest = figures.iter().map(|figure| figure.percent).max()?;
    let smallest = figures.iter().map(|figure| figure.percent).min()?;
    let conflict = largest.checked_sub(smallest).is_none_or(|difference| difference > Decimal::ONE);
    let used_percent = if conflict {
        largest
    } else {
        // `min_by_key` gives the first of equals, and the ratio is the first.
        figures.iter().min_by_key(|figure| figure.step)?.percent
    };

    let given = |row: &&Row| row.limit.is_some();
    let row = rows
        .iter()
        .filter(given)
        // The first of the fullest.
        .rev()
        .max_by_key(|row| row.greatest());
    Some(MeterReading {
        meter,
        used_percent,
        used: row.and_then(|row| row.used).map(|used| used.normalize()),
        limit: row.and_then(|row| row.limit).map(|limit| limit.normalize()),
        resets_at: row
            .and_then(|row| row.resets_at)
            .or_else(|| rows.iter().find_map(|row| row.resets_at))
            .or(map_resets_at),
        conflict,
    })
}
