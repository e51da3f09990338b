//! DOC, Word's binary format of 1997 to 2003, through `undoc`.
//!
//! `undoc` leaves out text that Word marks as hidden; it is neither in the transcript nor reported as
//! hidden.

use domain::{Refusal, notice::HiddenReason};
use undoc::model::{Block, HeadingLevel, Paragraph, Table, TextRun};

use super::{
    color::{self, Color},
    document_builder::{DocumentBuilder, Run},
};
use crate::{document::Document, format::Format};

/// The maximum nesting depth of tables.
const MAX_DEPTH: usize = 8;
/// The minimum legible font size in half points.
const MIN_HALF_POINTS: u32 = 6;

/// Reads a DOC file.
///
/// # Errors
/// [`Refusal::Damaged`], [`Refusal::NoText`] and [`Refusal::TooComplex`].
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let document = undoc::parse_bytes(bytes).map_err(|_| Refusal::Damaged)?;
    let mut builder = DocumentBuilder::default();
    for section in &document.sections {
        section.header.iter().flatten().for_each(|paragraph| write(&mut builder, paragraph));
        section.content.iter().for_each(|block| write_block(&mut builder, block));
        section.footer.iter().flatten().for_each(|paragraph| write(&mut builder, paragraph));
    }
    builder.finish(Format::Doc)
}

fn write_block(builder: &mut DocumentBuilder, block: &Block) {
    match block {
        Block::Paragraph(paragraph) => write(builder, paragraph),
        Block::Table(table) => write_table(builder, table, MAX_DEPTH),
        _ => {}
    }
}

fn write(builder: &mut DocumentBuilder, paragraph: &Paragraph) {
    builder.add_paragraph(&runs(paragraph), heading(paragraph.heading));
}

fn write_table(builder: &mut DocumentBuilder, table: &Table, depth: usize) {
    for row in &table.rows {
        builder.begin_row();
        for cell in &row.cells {
            builder.begin_cell();
            cell.content.iter().for_each(|paragraph| write(builder, paragraph));
            if let Some(depth) = depth.checked_sub(1) {
                cell.nested_tables.iter().for_each(|table| write_table(builder, table, depth));
            }
        }
        builder.end_row();
    }
}

fn runs(paragraph: &Paragraph) -> Vec<Run> {
    let mut runs: Vec<Run> = paragraph.runs.iter().map(run).collect();
    if paragraph.list_info.is_some() {
        runs.insert(0, Run { text: "• ".to_owned(), ..Run::default() });
    }
    runs
}

fn run(run: &TextRun) -> Run {
    let background = run.style.highlight.as_deref().and_then(color::parse).unwrap_or(Color::WHITE);
    let color = run.style.color.as_deref().and_then(color::parse);
    let tiny = run.style.size.is_some_and(|half_points| half_points < MIN_HALF_POINTS);
    let hidden = match color {
        Some(color) if color::is_indistinguishable(color, background) => Some(HiddenReason::NoInk),
        _ if tiny => Some(HiddenReason::Tiny),
        _ => None,
    };
    let half_points = run.style.size.and_then(|size| u16::try_from(size).ok()).unwrap_or(0);
    let text = if run.line_break || run.page_break { format!("{}\n", run.text) } else { run.text.clone() };
    Run { text, bold: run.style.bold, size: f32::from(half_points) / 2.0, hidden }
}

fn heading(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::None => 0,
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        _ => 3,
    }
}
