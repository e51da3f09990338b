//! Builds the document of a format without pages: all lines are on one page.

use domain::{Page, Refusal, Span, Transcript, Word, notice::HiddenReason};

use super::{hidden_text::HiddenTextCollector, letters};
use crate::{
    document::{Document, TextLine},
    format::Format,
    limits::MAX_GLYPHS,
};

/// Text of one style.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The text; `\n` ends a line, `\t` separates columns.
    pub text: String,
    /// Whether it is bold.
    pub bold: bool,
    /// Its font size in points; 0 if unknown.
    pub size: f32,
    /// Why it cannot be seen; `None` if it can.
    pub hidden: Option<HiddenReason>,
}

/// A document under construction.
pub struct DocumentBuilder {
    page: Page,
    lines: Vec<TextLine>,
    hidden: HiddenTextCollector,
    length: usize,
    block: u32,
    block_ended: bool,
    /// The cells of the open table rows, the innermost last.
    rows: Vec<Vec<Cell>>,
}

/// The paragraphs of a table cell, each with its heading level.
type Cell = Vec<(Vec<Run>, u8)>;
/// The maximum number of letters of a cell in a row that becomes one line.
const MAX_CELL_LETTERS: usize = 90;

impl Default for DocumentBuilder {
    fn default() -> Self {
        let page = Page { number: 1, ..Page::default() };
        let hidden = HiddenTextCollector::new(1);
        Self { page, lines: Vec::new(), hidden, length: 0, block: 0, block_ended: false, rows: Vec::new() }
    }
}

impl DocumentBuilder {
    /// Adds a paragraph; `heading` is the level of a heading, else 0. A paragraph without visible text ends
    /// the block.
    pub fn add_paragraph(&mut self, runs: &[Run], heading: u8) {
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
                    any |= self.add_line(&std::mem::take(&mut line), heading);
                }
                line.push(Run { text: part.to_owned(), ..run.clone() });
            }
        }
        any |= self.add_line(&line, heading);
        if !any {
            self.end_block();
        }
    }

    /// Ends the current block.
    pub fn end_block(&mut self) {
        self.block_ended = self.rows.is_empty();
    }

    /// Begins a table row.
    pub fn begin_row(&mut self) {
        self.rows.push(Vec::new());
    }

    /// Begins a cell of the current row.
    pub fn begin_cell(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            row.push(Vec::new());
        }
    }

    /// Ends the row: it becomes one line if each of its cells holds at most one, else each cell becomes a block.
    pub fn end_row(&mut self) {
        let Some(row) = self.rows.pop() else { return };
        let has_text = |(runs, _): &&(Vec<Run>, u8)| runs.iter().any(|run| !run.text.trim().is_empty());
        let short = |(runs, _): &(Vec<Run>, u8)| {
            runs.iter().map(|run| run.text.chars().count()).sum::<usize>() <= MAX_CELL_LETTERS
        };
        let line_breaks = |runs: &[Run]| {
            let whole: String = runs.iter().map(|run| run.text.as_str()).collect();
            whole.trim().matches('\n').count()
        };
        let lines = |cell: &Cell| cell.iter().filter(has_text).map(|(runs, _)| 1 + line_breaks(runs)).sum::<usize>();
        let is_one_line = row.iter().all(|cell| lines(cell) <= 1 && cell.iter().all(short));
        if is_one_line && row.iter().filter(|cell| lines(cell) == 1).count() >= 2 {
            let mut line = Vec::new();
            for (runs, _) in row.iter().filter_map(|cell| cell.iter().find(has_text)) {
                if !line.is_empty() {
                    line.push(Run { text: "\t".to_owned(), ..Run::default() });
                }
                line.extend(runs.iter().cloned());
            }
            self.add_paragraph(&line, 0);
            return;
        }
        for cell in row {
            self.end_block();
            for (runs, heading) in cell {
                self.add_paragraph(&runs, heading);
            }
        }
        self.end_block();
    }

    /// Adds hidden text, which does not become part of the transcript.
    pub fn add_hidden(&mut self, reason: HiddenReason, text: &str) {
        self.hidden.add_text(reason, &letters::normalize(text));
    }

    /// Returns the document.
    ///
    /// # Errors
    /// [`Refusal::NoText`] when it has no letter, [`Refusal::TooComplex`] when it has more than
    /// [`MAX_GLYPHS`] characters.
    pub fn finish(mut self, format: Format) -> Result<Document, Refusal> {
        while !self.rows.is_empty() {
            self.end_row();
        }
        if self.length > MAX_GLYPHS {
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

    /// Moves the hidden text of the run to the collector and returns the rest.
    fn visible(&mut self, run: &Run) -> Run {
        let message = letters::tag_message(&run.text);
        self.hidden.add_text(HiddenReason::NoGlyph, &message);
        if let Some(reason) = run.hidden {
            self.add_hidden(reason, &run.text);
            return Run { text: String::new(), ..run.clone() };
        }
        let normalized = |part: &str| part.split('\t').map(letters::normalize).collect::<Vec<_>>().join("\t");
        let lines: Vec<String> = run.text.split('\n').map(normalized).collect();
        Run { text: lines.join("\n"), ..run.clone() }
    }

    /// Adds a line and returns whether it has text.
    fn add_line(&mut self, runs: &[Run], heading: u8) -> bool {
        let text = collapse_spaces(&join_runs(runs));
        if text.is_empty() || self.length > MAX_GLYPHS {
            return false;
        }
        self.begin_line(heading > 0);
        let start = self.length;
        self.add_words(&text);
        let count_letters = |wanted: fn(&Run) -> bool| -> usize {
            let runs = runs.iter().filter(|run| wanted(run));
            runs.map(|run| run.text.trim().chars().count()).sum()
        };
        let bold = count_letters(|run| run.bold) * 2 > count_letters(|_| true);
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
            let is_new_block = self.block_ended || heading;
            self.push(if is_new_block { "\n\n" } else { "\n" });
            self.block += u32::from(is_new_block);
        }
        self.block_ended = false;
    }

    fn push(&mut self, text: &str) {
        self.page.text.push_str(text);
        self.length += text.chars().count();
    }

    fn add_words(&mut self, text: &str) {
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

/// Joins the text of `runs`, with a space where a bold word would touch one that is not bold: the layout
/// separated them.
fn join_runs(runs: &[Run]) -> String {
    let mut text = String::new();
    let mut bold = None;
    for run in runs.iter().filter(|run| !run.text.is_empty()) {
        let ends = text.ends_with(|c: char| c.is_lowercase() || c.is_numeric());
        let begins = run.text.starts_with(|c: char| c.is_uppercase() || c.is_numeric());
        let is_glued = bold.is_some_and(|bold| bold != run.bold) && ends && begins;
        text.push_str(if is_glued { " " } else { "" });
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
    collapse_spaces(&join_runs(&own)).chars().count()
}

/// Trims `text` and collapses each run of white space to one tab or space.
fn collapse_spaces(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    let mut gap: Option<char> = None;
    for letter in text.chars() {
        match letter {
            '\t' => gap = Some('\t'),
            ' ' => gap = gap.or(Some(' ')),
            _ => {
                collapsed.extend(gap.take().filter(|_| !collapsed.is_empty()));
                collapsed.push(letter);
            }
        }
    }
    collapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_a_two_line_cell_is_read_cell_by_cell() {
        let mut builder = DocumentBuilder::default();
        builder.begin_row();
        for cell in ["2021 – 2023", "Nurse\nAcme Clinic", "Night shifts"] {
            builder.begin_cell();
            builder.add_paragraph(&[Run { text: cell.to_owned(), ..Run::default() }], 0);
        }
        builder.end_row();
        let document = builder.finish(Format::Docx).unwrap();
        let lines: Vec<&str> = document.lines.iter().map(|line| document.text(line)).collect();
        assert_eq!(lines, ["2021 – 2023", "Nurse", "Acme Clinic", "Night shifts"]);
    }
}
