//! Quota windows: which window a row is about, what its figures are, and which figure is right where
//! several are given.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use tidemark_core::meter::MAX_PERCENT;
use tidemark_core::{Meter, MeterReading};

use super::fields::Node;
use super::value::Field;

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

/// A row of counts: what was used, what is left, and the limit, as far as given.
#[derive(Debug)]
pub(super) struct Row {
    used: Option<Decimal>,
    limit: Option<Decimal>,
    figures: Vec<Figure>,
    /// Whether a figure was there that is too large to calculate with.
    lost: bool,
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
        let limit = first(&places, |place| place.number(&["limit"]));
        let used = first(&places, |place| place.number(&["used"]));
        let remaining = first(&places, |place| place.number(&["remaining"]));
        let unknown = used.is_missing()
            && remaining.is_missing()
            && places.iter().any(|place| place.note_null(&["used", "remaining"]));
        let used = if unknown { Field::Unreadable } else { used };
        let row = Self::count(limit, used, remaining);
        if matches!(limit, Field::Known(limit) if limit < Decimal::ZERO) {
            note_first(&places, &["limit"]);
        } else if row.lost {
            note_first(&places, if used.known().is_some() { &["used"] } else { &["remaining"] });
        }
        Self { resets_at, ..row }
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
        if told.is_some_and(|limit| limit >= NO_LIMIT) {
            return Self { used: None, limit: None, figures: Vec::new(), lost: false, resets_at: None };
        }
        let Some(limit) = told.filter(|limit| *limit > Decimal::ZERO) else {
            let both = used.known().is_some() && remaining.known().is_some();
            let lost = told.map_or(both, |limit| limit < Decimal::ZERO);
            return Self { used: None, limit: None, figures: Vec::new(), lost, resets_at: None };
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
        Self { used: counted, limit: Some(limit), figures, lost, resets_at: None }
    }

    /// Whether the row says that there is no quota.
    pub(super) const fn is_none(&self) -> bool {
        self.figures.is_empty() && !self.lost
    }

    fn greatest(&self) -> Option<Decimal> {
        self.figures.iter().map(|figure| figure.percent).max()
    }
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

/// The names of a share that is used.
const RATIO: [&str; 2] = ["used_ratio", "ratio"];

/// An entry of the map `usages`.
#[derive(Debug)]
pub(super) struct RatioEntry {
    figure: Option<Figure>,
    row: Option<Row>,
    resets_at: Option<DateTime<Utc>>,
}

impl RatioEntry {
    /// Reads an entry. A ratio that is missing beside a reset time is an omitted zero; an empty object is
    /// a window that is not reported.
    pub(super) fn read(node: &Node<'_>, at: DateTime<Utc>) -> Self {
        let resets_at = resets_at(&[node], 0, at);
        let row = node.has(&["limit", "used", "remaining"]).then(|| Row::read(node, false, at));
        let ratio = match node.number(&RATIO) {
            Field::Missing if node.note_null(&RATIO) => None,
            Field::Missing if resets_at.is_some() && row.is_none() => Some(Decimal::ZERO),
            told => told.known(),
        };
        let figure = ratio.and_then(of_ratio);
        if ratio.is_some() && figure.is_none() {
            node.note_any(&RATIO);
        }
        Self { figure, row, resets_at }
    }
}

/// Ratios beyond 0 to 1 are kept as they are. They come with four decimals, trailing zeros left out.
fn of_ratio(ratio: Decimal) -> Option<Figure> {
    let percent = believable(ratio.checked_mul(Decimal::ONE_HUNDRED)?)?.round_dp(DECIMALS).normalize();
    Some(Figure { percent, step: Decimal::new(1, percent.scale().max(2)) })
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
