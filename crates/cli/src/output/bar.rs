//! The status as status bars want it: each has its own words for colours, and its own signs that a name must not contain.

use serde_json::json;

use super::Style;

/// A program that shows the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BarProgram {
    /// JSON of a custom module with `return-type: json`.
    Waybar,
    /// JSON of i3status-rust's block `custom` with `json = true`.
    I3Status,
    /// A line with polybar's format tags.
    Polybar,
    /// A line with tmux's styles, for `status-right`.
    Tmux,
    /// A plain line, for a custom module: starship has a style of its own for it.
    Starship,
    /// A title, and a menu below it.
    SwiftBar,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct BarStatus {
    /// One line.
    pub line: String,
    /// A line for each account.
    pub details: Vec<(Style, String)>,
    /// How it stands: the worst of all accounts.
    pub style: Style,
    /// The largest share that is used of any quota.
    pub percent: Option<f64>,
}

impl BarStatus {
    /// The text for a bar, without the line's end.
    #[must_use]
    pub fn text(&self, bar: BarProgram) -> String {
        match bar {
            BarProgram::Waybar => {
                let details: Vec<String> = self.details.iter().map(|(_, line)| markup(line)).collect();
                let mut module = json!({
                    "text": markup(&self.line),
                    "tooltip": details.join("\n"),
                    "class": word(self.style),
                    "alt": word(self.style),
                });
                if let (Some(percent), Some(module)) = (self.percent, module.as_object_mut()) {
                    // Waybar counts in whole percent, up to 100.
                    module.insert("percentage".to_owned(), json!(percent.clamp(0.0, 100.0).floor() as u8));
                }
                module.to_string()
            }
            BarProgram::I3Status => {
                let state = match self.style {
                    Style::Calm => "Good",
                    Style::Near => "Warning",
                    Style::Over => "Critical",
                    Style::Plain | Style::Strong | Style::Faint => "Idle",
                };
                json!({"icon": "", "state": state, "text": markup(&self.line)}).to_string()
            }
            BarProgram::Polybar => {
                // What opens a tag cannot be escaped in every version.
                let line = self.line.replace("%{", "% {");
                colour(self.style)
                    .map_or_else(|| line.clone(), |colour| format!("%{{F{colour}}}{line}%{{F-}}"))
            }
            BarProgram::Tmux => {
                let line = self.line.replace('#', "##");
                colour(self.style)
                    .map_or_else(|| line.clone(), |colour| format!("#[fg={colour}]{line}#[default]"))
            }
            BarProgram::Starship => self.line.clone(),
            BarProgram::SwiftBar => {
                let parameters =
                    |style| colour(style).map(|colour| format!(" | color={colour}")).unwrap_or_default();
                // A vertical line begins parameters; so would three dashes a menu.
                let safe = |text: &str| text.replace(" | ", " · ").replace('|', "¦").replace("---", "— ");
                let title = format!("{}{}\n---", safe(&self.line), parameters(self.style));
                let lines = self.details.iter().map(|(style, line)| safe(line) + &parameters(*style));
                std::iter::once(title).chain(lines).collect::<Vec<_>>().join("\n")
            }
        }
    }
}

/// A style sheet's name for it.
const fn word(style: Style) -> &'static str {
    match style {
        Style::Calm => "calm",
        Style::Near => "near",
        Style::Over => "over",
        Style::Plain | Style::Strong | Style::Faint => "unknown",
    }
}

/// Colours that are legible on dark and on light bars. A value that is fine has the bar's own.
const fn colour(style: Style) -> Option<&'static str> {
    match style {
        Style::Near => Some("#c77d00"),
        Style::Over => Some("#e5484d"),
        Style::Faint => Some("#8a8f98"),
        Style::Calm | Style::Plain | Style::Strong => None,
    }
}

/// A text in which nothing is taken for markup.
fn markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_gets_its_own_form_and_no_name_breaks_it() {
        let name = "R&D <b> %{F#f00} #[x] a|b";
        let status = BarStatus {
            line: format!("{name} 5-hour 91%"),
            details: vec![
                (Style::Over, format!("{name} 5-hour 91% · Weekly 13%")),
                (Style::Faint, "old".into()),
            ],
            style: Style::Over,
            percent: Some(91.7),
        };
        let all = [
            BarProgram::Waybar,
            BarProgram::I3Status,
            BarProgram::Polybar,
            BarProgram::Tmux,
            BarProgram::Starship,
            BarProgram::SwiftBar,
        ];
        let text: Vec<String> = all.iter().map(|bar| format!("{bar:?}\n{}", status.text(*bar))).collect();
        insta::assert_snapshot!("every_bar", text.join("\n\n"));
    }
}
