//! Tables for people: columns as wide as what stands in them, counted as a terminal counts.

use std::io;

use unicode_width::UnicodeWidthStr as _;

use super::{Output, Style, clean};

/// One field of a table.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    text: String,
    style: Style,
    right: bool,
}

impl Cell {
    /// A field with a text, made harmless for a terminal.
    #[must_use]
    pub fn new(text: impl AsRef<str>) -> Self {
        Self { text: clean(text.as_ref()), ..Self::default() }
    }

    /// Sets the emphasis.
    #[must_use]
    pub fn style(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// Aligns it to the right, as numbers are.
    #[must_use]
    pub fn right(mut self) -> Self {
        self.right = true;
        self
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

/// Rows of cells, printed in columns.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Vec<Cell>>,
    indent: usize,
}

impl Table {
    /// An empty table whose rows begin after some spaces.
    #[must_use]
    pub fn indented(indent: usize) -> Self {
        Self { rows: Vec::new(), indent }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Adds a row of headings.
    pub fn head<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        self.row(names.into_iter().map(|name| Cell::new(name).style(Style::Faint)));
    }

    /// Writes it. The last column is not padded, and nothing ends in spaces.
    pub fn write(&self, output: &mut Output) -> io::Result<()> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.text.width()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = " ".repeat(self.indent);
            let last = row.iter().rposition(|cell| !cell.text.is_empty());
            for (column, cell) in row.iter().enumerate().take(last.map_or(0, |last| last + 1)) {
                let space = " ".repeat(widths[column] - cell.text.width());
                let painted = output.paint(cell.style, &cell.text);
                if cell.right {
                    line.push_str(&space);
                    line.push_str(&painted);
                } else {
                    line.push_str(&painted);
                    if Some(column) != last {
                        line.push_str(&space);
                    }
                }
                if Some(column) != last {
                    line.push_str("  ");
                }
            }
            output.line(line.trim_end())?;
        }
        Ok(())
    }
}

/// A meter drawn with characters, `width` wide. Eighths of a block show where it stands between two.
#[must_use]
pub fn bar(percent: f64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let full = width * 8;
    let filled = (percent.clamp(0.0, 100.0) / 100.0 * full as f64).round() as usize;
    let mut text = "█".repeat(filled / 8);
    text.push_str(EIGHTHS[filled % 8]);
    let drawn = filled / 8 + usize::from(!filled.is_multiple_of(8));
    text.push_str(&"░".repeat(width.saturating_sub(drawn)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_keep_their_width_and_grow() {
        let mut before = 0;
        for tenth in 0..=1200 {
            let percent = f64::from(tenth) / 10.0;
            let drawn = bar(percent, 20);
            assert_eq!(drawn.width(), 20, "{percent}: {drawn}");
            let ink: usize = drawn
                .chars()
                .map(|c| match c {
                    '█' => 8,
                    '░' => 0,
                    c => 8 - (c as usize - '█' as usize),
                })
                .sum();
            assert!(ink >= before, "{percent}");
            before = ink;
        }
        assert_eq!(bar(0.0, 4), "░░░░");
        assert_eq!(bar(100.0, 4), "████");
        assert_eq!(bar(f64::NAN, 4), "░░░░");
    }
}
