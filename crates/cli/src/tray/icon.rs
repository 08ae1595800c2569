//! The tray icon, drawn in code: a vessel whose water stands as high as the tightest meter is used.
//!
//! No toolkit and no picture file: a vessel of a few pixels is drawn more sharply than it is scaled.

/// The sizes that panels ask for; a host takes the nearest.
#[cfg(any(target_os = "linux", test))]
pub const SIZES: [u32; 4] = [22, 24, 32, 48];

/// How things stand, as a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Plenty left.
    Calm,
    /// From 75 % on.
    Near,
    /// From 90 % on, or something is wrong.
    Over,
    /// Nothing is known, or what is known is old.
    Unknown,
}

impl Severity {
    /// The mood of a share.
    #[must_use]
    pub fn of_percent(percent: f64) -> Self {
        match percent {
            p if p >= 90.0 => Self::Over,
            p if p >= 75.0 => Self::Near,
            p if p.is_nan() => Self::Unknown,
            _ => Self::Calm,
        }
    }

    /// Red, green, blue. Each stands out from black, from white and from the vessel's grey.
    const fn colour(self) -> [u8; 3] {
        match self {
            Self::Calm => [0x2b, 0x8a, 0xe6],
            Self::Near => [0xf0, 0x9c, 0x1f],
            Self::Over => [0xe6, 0x3e, 0x43],
            Self::Unknown => [0x9a, 0xa0, 0xa8],
        }
    }
}

/// What the icon shows: how full it is, and how urgent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// How high the water stands, in percent; `None` draws an empty vessel.
    pub percent: Option<f64>,
    /// How urgent: the icon's colour.
    pub mood: Severity,
    /// Polling is paused: two bars in front.
    pub paused: bool,
}

/// The vessel's wall, seen on dark and on light panels.
const WALL: [u8; 3] = [0x8c, 0x92, 0x9c];
/// How much of the panel the empty part of the vessel covers, of 255.
const AIR: f64 = 40.0;
/// Samples along each side of a pixel.
const FINE: u32 = 4;

/// Draws it as ARGB, a byte a channel in that order, row by row, not premultiplied: what the
/// StatusNotifierItem specification calls a pixmap.
#[must_use]
pub fn argb(size: u32, level: &Level) -> Vec<u8> {
    drawn(size, |x, y| point(x, y, level))
}

/// How much of a stencil's ground the water covers, of 255, so that the wall stands out from it.
#[cfg(any(target_os = "macos", test))]
const STENCIL_WATER: f64 = 150.0;

/// Draws it as a stencil, in the same form: black, of which only the opacity counts. macOS paints it in the colour of
/// the menu bar's other items. What is white in the coloured icon is cut out.
#[cfg(any(target_os = "macos", test))]
#[must_use]
pub fn stencil(size: u32, level: &Level) -> Vec<u8> {
    const CUT: [u8; 3] = [0xff; 3];
    drawn(size, |x, y| {
        let opacity = match point(x, y, level) {
            (CUT, _) => 0.0,
            (WALL, opacity) => opacity,
            (_, opacity) => opacity.min(STENCIL_WATER),
        };
        ([0; 3], opacity)
    })
}

/// Draws what a function says of each point: its colour, and its opacity from 0 to 255.
fn drawn(size: u32, point: impl Fn(f64, f64) -> ([u8; 3], f64)) -> Vec<u8> {
    let mut bytes = Vec::with_capacity((size * size * 4) as usize);
    for y in 0..size {
        for x in 0..size {
            // Mean over the samples, colours weighted by their opacity so that edges do not darken.
            let (mut opacity, mut colour) = (0.0, [0.0; 3]);
            for sample in 0..FINE * FINE {
                let place = |pixel: u32, step: u32| {
                    (f64::from(pixel) + (f64::from(step) + 0.5) / f64::from(FINE)) / f64::from(size)
                };
                let (rgb, a) = point(place(x, sample % FINE), place(y, sample / FINE));
                opacity += a;
                for (sum, channel) in colour.iter_mut().zip(rgb) {
                    *sum += f64::from(channel) * a;
                }
            }
            let channel = |sum: f64| if opacity > 0.0 { (sum / opacity).round() as u8 } else { 0 };
            bytes.push((opacity / f64::from(FINE * FINE)).round() as u8);
            bytes.extend(colour.map(channel));
        }
    }
    bytes
}

/// Colour and opacity (0 to 255) at a point of the unit square.
fn point(x: f64, y: f64, level: &Level) -> ([u8; 3], f64) {
    const CLEAR: ([u8; 3], f64) = ([0; 3], 0.0);
    let depth = inside(x, y);
    if depth < 0.0 {
        return CLEAR;
    }
    if level.paused && (0.26..0.74).contains(&y) && ((0.30..0.42).contains(&x) || (0.58..0.70).contains(&x)) {
        return ([0xff; 3], 255.0);
    }
    if depth < WALL_WIDTH {
        return (WALL, 255.0);
    }
    if level.percent.is_some_and(|percent| below_water(x, y, percent)) {
        return (level.mood.colour(), 255.0);
    }
    (WALL, AIR)
}

/// How thick the wall is.
const WALL_WIDTH: f64 = 0.09;
/// How far the vessel keeps from the icon's edge.
const MARGIN: f64 = 0.04;
/// How round its corners are.
const RADIUS: f64 = 0.24;

/// How deep a point lies inside the vessel's outline; negative outside.
fn inside(x: f64, y: f64) -> f64 {
    let half = 0.5 - MARGIN - RADIUS;
    let (dx, dy) = ((x - 0.5).abs() - half, (y - 0.5).abs() - half);
    let outside = dx.max(0.0).hypot(dy.max(0.0));
    RADIUS - outside - dx.max(dy).min(0.0)
}

/// Whether a point is under water. The surface has a slight swell, which vanishes at the bottom and at
/// the rim; everywhere it rises with the percentage.
fn below_water(x: f64, y: f64, percent: f64) -> bool {
    let share = (percent / 100.0).clamp(0.0, 1.0);
    let swell = 0.05 * 4.0 * share * (1.0 - share) * (x * std::f64::consts::TAU).sin();
    let (bottom, top) = (1.0 - MARGIN - WALL_WIDTH, MARGIN + WALL_WIDTH);
    share > 0.0 && y >= bottom - (share + swell) * (bottom - top)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(percent: f64) -> Level {
        Level { percent: Some(percent), mood: Severity::of_percent(percent), paused: false }
    }

    fn pixel(bytes: &[u8], size: u32, x: u32, y: u32) -> [u8; 4] {
        let start = ((y * size + x) * 4) as usize;
        bytes[start..start + 4].try_into().unwrap()
    }

    /// The water's height along the middle column, in opacity-weighted pixels.
    fn water(size: u32, percent: f64) -> f64 {
        let shown = Level { percent: Some(percent), mood: Severity::Calm, paused: false };
        let bytes = argb(size, &shown);
        let [_, _, blue] = Severity::Calm.colour();
        bytes.chunks(4).filter(|p| p[0] == 255 && p[3].abs_diff(blue) < 8).count() as f64
    }

    #[test]
    fn the_water_rises_with_the_percentage() {
        for size in SIZES {
            let mut before = 0.0;
            for percent in 0..=130 {
                let now = water(size, f64::from(percent));
                assert!(now >= before, "{size} px: {percent} % shows less than {} %", percent - 1);
                before = now;
            }
            assert!(before > 0.4 * f64::from(size * size), "{size} px: full is full");
            assert!(water(size, 0.0) < 1.0, "{size} px: empty is empty");
        }
    }

    #[test]
    fn ten_points_are_a_visible_step_at_22_px() {
        for tenth in 0..10 {
            let (low, high) = (f64::from(tenth) * 10.0, f64::from(tenth + 1) * 10.0);
            assert!(water(22, high) - water(22, low) >= 8.0, "{low} to {high}");
        }
    }

    #[test]
    fn every_size_is_whole_and_its_corners_are_clear() {
        for size in SIZES {
            let bytes = argb(size, &level(50.0));
            assert_eq!(bytes.len(), (size * size * 4) as usize);
            for (x, y) in [(0, 0), (size - 1, 0), (0, size - 1), (size - 1, size - 1)] {
                assert_eq!(pixel(&bytes, size, x, y)[0], 0, "corner of {size}");
            }
            assert_eq!(pixel(&bytes, size, size / 2, 2)[1..], WALL, "the wall at the top of {size}");
        }
    }

    #[test]
    fn colours_tell_the_mood() {
        for (percent, mood) in
            [(10.0, Severity::Calm), (75.0, Severity::Near), (89.9, Severity::Near), (90.0, Severity::Over)]
        {
            assert_eq!(Severity::of_percent(percent), mood);
            let bytes = argb(24, &level(percent));
            assert_eq!(pixel(&bytes, 24, 12, 20)[1..], mood.colour(), "{percent}");
        }
        let unknown = argb(24, &Level { percent: None, mood: Severity::Unknown, paused: false });
        let [a, rgb @ ..] = pixel(&unknown, 24, 12, 12);
        assert_eq!((f64::from(a), rgb), (AIR, WALL), "an empty vessel");
    }

    #[test]
    fn every_colour_stands_out_from_dark_and_light_panels() {
        fn luminance([r, g, b]: [u8; 3]) -> f64 {
            let linear = |c: u8| {
                let c = f64::from(c) / 255.0;
                if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
        }
        let contrast = |a: [u8; 3], b: [u8; 3]| {
            let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
            a.max(b) / a.min(b)
        };
        for colour in [Severity::Calm, Severity::Near, Severity::Over, Severity::Unknown]
            .map(Severity::colour)
            .into_iter()
            .chain([WALL])
        {
            assert!(contrast(colour, [0x1e, 0x1e, 0x1e]) >= 3.0, "{colour:?} on dark");
            assert!(contrast(colour, [0xf6, 0xf6, 0xf6]) >= 2.0, "{colour:?} on light");
        }
    }

    #[test]
    fn a_stencil_shows_level_and_pause_by_its_opacity_alone() {
        let of = |percent, paused| {
            stencil(36, &Level { percent: Some(percent), mood: Severity::of_percent(percent), paused })
        };
        let shows =
            |bytes: &[u8], x, y, opacity: f64| (f64::from(pixel(bytes, 36, x, y)[0]) - opacity).abs() < 0.5;
        let (low, high) = (of(20.0, false), of(70.0, false));
        assert!(low.chunks(4).all(|pixel| pixel[1..] == [0; 3]), "black");
        assert!(shows(&low, 18, 18, AIR) && shows(&high, 18, 18, STENCIL_WATER));
        assert!(shows(&low, 18, 2, 255.0), "the wall");
        let paused = of(70.0, true);
        assert!(shows(&paused, 12, 18, 0.0), "the bars are cut out");
        assert!(shows(&paused, 18, 18, STENCIL_WATER), "and the water stays between them");
    }

    #[test]
    fn a_pause_is_drawn() {
        let paused = argb(22, &Level { percent: Some(50.0), mood: Severity::Calm, paused: true });
        assert_eq!(pixel(&paused, 22, 7, 11), [255; 4]);
        assert_ne!(pixel(&paused, 22, 11, 11), [255; 4]);
    }
}
