//! Builds the document of a format without pages: one page of lines.

use domain::{Page, Refusal, Span, Transcript, Word, summary::HiddenReason};

use super::{hidden::Hidden, letters};
use crate::{
    document::{Document, TextLine},
    format::Format,
};

/// Text of one look.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The text; `\n` ends a line, `\t` moves on.
    pub text: String,
    /// Whether it is bold.
    pub bold: bool,
    /// Its size in points; 0 if unknown.
    pub size: f32,
    /// Why a reader cannot see it.
    pub hidden: Option<HiddenReason>,
}

/// A document under construction.
pub struct Flow {
    page: Page,
    lines: Vec<TextLine>,
    hidden: Hidden,
    length: usize,
    block: u32,
    broken: bool,
    /// The cells of the rows that are open, with their paragraphs.
    rows: Vec<Vec<Cell>>,
}

/// The paragraphs of a table's cell.
type Cell = Vec<(Vec<Run>, u8)>;
/// A row with a longer cell is set as columns, not as a line.
const LONGEST_CELL: usize = 90;

impl Default for Flow {
    fn default() -> Self {
        let page = Page { number: 1, ..Page::default() };
        let hidden = Hidden::new(1);
        Self { page, lines: Vec::new(), hidden, length: 0, block: 0, broken: false, rows: Vec::new() }
    }
}

impl Flow {
    /// Adds a paragraph; `heading`: the level of a marked heading, else 0. One without visible
    /// text ends the block.
    pub fn paragraph(&mut self, runs: &[Run], heading: u8) {
        if let Some(cell) = self.rows.last_mut().and_then(|row| row.last_mut()) {
            cell.push((runs.to_vec(), heading));
            return;
        }
        let mut line = Vec::new();
        let mut any = false;
        for run in runs {
            let run = self.visible(run);
            for (n, part) in run.text.split('\n').enumerate() {
                if n > 0 {
                    any |= self.line(&std::mem::take(&mut line), heading);
                }
                line.push(Run { text: part.to_owned(), ..run.clone() });
            }
        }
        any |= self.line(&line, heading);
        if !any {
            self.end_block();
        }
    }

    /// What follows belongs to another block.
    pub fn end_block(&mut self) {
        self.broken = self.rows.is_empty();
    }

    /// A table's row begins.
    pub fn begin_row(&mut self) {
        self.rows.push(Vec::new());
    }

    /// A cell of the row begins.
    pub fn begin_cell(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            row.push(Vec::new());
        }
    }

    /// The row ends: it is a line if each of its cells holds one, else its cells are blocks.
    pub fn end_row(&mut self) {
        let Some(row) = self.rows.pop() else { return };
        let text = |(runs, _): &&(Vec<Run>, u8)| runs.iter().any(|run| !run.text.trim().is_empty());
        let short =
            |(runs, _): &(Vec<Run>, u8)| runs.iter().map(|run| run.text.chars().count()).sum::<usize>() <= LONGEST_CELL;
        let broken = |runs: &[Run]| {
            let whole: String = runs.iter().map(|run| run.text.as_str()).collect();
            whole.trim().matches('\n').count()
        };
        let lines = |cell: &Cell| cell.iter().filter(text).map(|(runs, _)| 1 + broken(runs)).sum::<usize>();
        let flat = row.iter().all(|cell| lines(cell) <= 1 && cell.iter().all(short));
        if flat && row.iter().filter(|cell| lines(cell) == 1).count() >= 2 {
            let mut line = Vec::new();
            for (runs, _) in row.iter().filter_map(|cell| cell.iter().find(text)) {
                if !line.is_empty() {
                    line.push(Run { text: "\t".to_owned(), ..Run::default() });
                }
                line.extend(runs.iter().cloned());
            }
            self.paragraph(&line, 0);
            return;
        }
        for cell in row {
            self.end_block();
            for (runs, heading) in cell {
                self.paragraph(&runs, heading);
            }
        }
        self.end_block();
    }

    /// Keeps text apart that cannot be seen.
    pub fn hide(&mut self, reason: HiddenReason, text: &str) {
        self.hidden.text(reason, &letters::plain(text));
    }

    /// The document.
    ///
    /// # Errors
    /// [`Refusal::NoText`] when there is no letter in it, [`Refusal::TooComplex`] when it holds
    /// more than any CV.
    pub fn finish(mut self, format: Format) -> Result<Document, Refusal> {
        while !self.rows.is_empty() {
            self.end_row();
        }
        if self.length > super::MAX_GLYPHS {
            return Err(Refusal::TooComplex);
        }
        if !self.page.text.chars().any(char::is_alphabetic) {
            return Err(Refusal::NoText);
        }
        let hidden = self.hidden.into_texts();
        let transcript = Transcript { pages: vec![self.page] };
        Ok(Document {
            format,
            transcript,
            lines: self.lines,
            hidden,
            unread: Vec::new(),
            layers: Vec::new(),
            ocr_pages: Vec::new(),
        })
    }

    /// The run without what cannot be seen of it.
    fn visible(&mut self, run: &Run) -> Run {
        let smuggled = letters::smuggled(&run.text);
        self.hidden.text(HiddenReason::Smuggled, &smuggled);
        if let Some(reason) = run.hidden {
            self.hide(reason, &run.text);
            return Run { text: String::new(), ..run.clone() };
        }
        let kept = |part: &str| part.split('\t').map(letters::plain).collect::<Vec<_>>().join("\t");
        let lines: Vec<String> = run.text.split('\n').map(kept).collect();
        Run { text: lines.join("\n"), ..run.clone() }
    }

    /// Adds a line; whether it has text.
    fn line(&mut self, runs: &[Run], heading: u8) -> bool {
        let text = squeezed(&joined(runs));
        if text.is_empty() || self.length > super::MAX_GLYPHS {
            return false;
        }
        self.begin_line(heading > 0);
        let start = self.length;
        self.words(&text);
        let weigh = |wanted: fn(&Run) -> bool| -> usize {
            let runs = runs.iter().filter(|run| wanted(run));
            runs.map(|run| run.text.trim().chars().count()).sum()
        };
        let bold = weigh(|run| run.bold) * 2 > weigh(|_| true);
        let lead = lead(runs).min(self.length - start);
        let longest = runs.iter().max_by_key(|run| run.text.len());
        self.lines.push(TextLine {
            page: 1,
            span: Span::new(start, self.length),
            size: longest.map_or(0.0, |run| run.size),
            bold,
            lead: u32::try_from(lead).unwrap_or(0),
            heading,
            block: self.block,
            rect: None,
        });
        true
    }

    fn begin_line(&mut self, heading: bool) {
        if self.length > 0 {
            let parted = self.broken || heading;
            self.push(if parted { "\n\n" } else { "\n" });
            self.block += u32::from(parted);
        }
        self.broken = false;
    }

    fn push(&mut self, text: &str) {
        self.page.text.push_str(text);
        self.length += text.chars().count();
    }

    fn words(&mut self, text: &str) {
        for part in text.split_inclusive([' ', '\t']) {
            let word = part.trim_end_matches([' ', '\t']);
            if !word.is_empty() {
                let span = Span::new(self.length, self.length + word.chars().count());
                self.page.words.push(Word { span, rect: None });
            }
            self.push(part);
        }
    }
}

/// The text of `runs`. A bold word that ends where another, not bold one begins is parted from it: the
/// room between them was of the layout.
fn joined(runs: &[Run]) -> String {
    let mut text = String::new();
    let mut bold = None;
    for run in runs.iter().filter(|run| !run.text.is_empty()) {
        let ends = text.ends_with(|c: char| c.is_lowercase() || c.is_numeric());
        let begins = run.text.starts_with(|c: char| c.is_uppercase() || c.is_numeric());
        let glued = bold.is_some_and(|bold| bold != run.bold) && ends && begins;
        text.push_str(if glued { " " } else { "" });
        text.push_str(&run.text);
        bold = Some(run.bold);
    }
    text
}

/// How many characters at the beginning of `runs` are bold, if nothing that follows is; else 0.
fn lead(runs: &[Run]) -> usize {
    let inked: Vec<&Run> = runs.iter().filter(|run| !run.text.trim().is_empty()).collect();
    let bold = inked.iter().take_while(|run| run.bold).count();
    let (own, rest) = inked.split_at(bold);
    if rest.is_empty() || rest.iter().any(|run| run.bold) {
        return 0;
    }
    let own: Vec<Run> = own.iter().map(|run| (*run).clone()).collect();
    squeezed(&joined(&own)).chars().count()
}

/// Without white space at the ends, and one tab or space where there were several.
fn squeezed(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    let mut gap: Option<char> = None;
    for letter in text.chars() {
        match letter {
            '\t' => gap = Some('\t'),
            ' ' => gap = gap.or(Some(' ')),
            _ => {
                squeezed.extend(gap.take().filter(|_| !squeezed.is_empty()));
                squeezed.push(letter);
            }
        }
    }
    squeezed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_with_two_lines_is_not_read_across() {
        let mut flow = Flow::default();
        flow.begin_row();
        for cell in ["2021 – 2023", "Nurse\nAcme Clinic", "Night shifts"] {
            flow.begin_cell();
            flow.paragraph(&[Run { text: cell.to_owned(), ..Run::default() }], 0);
        }
        flow.end_row();
        let document = flow.finish(Format::Docx).unwrap();
        let lines: Vec<&str> = document.lines.iter().map(|line| document.text(line)).collect();
        assert_eq!(lines, ["2021 – 2023", "Nurse", "Acme Clinic", "Night shifts"]);
    }
}
