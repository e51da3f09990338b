//! DOC, Word's binary format of 1997 to 2003, through `undoc`.
//!
//! Text that Word marks as hidden is left out by `undoc`; it enters neither the transcript nor the
//! report of what is hidden.

use domain::{Refusal, summary::HiddenReason};
use undoc::model::{Block, HeadingLevel, Paragraph, Table, TextRun};

use super::{
    color::{self, Color},
    flow::{Flow, Run},
};
use crate::{document::Document, format::Format};

/// How deep tables may lie within tables.
const DEEPEST: usize = 8;
/// The smallest type that is read, in half points.
const SMALLEST: u32 = 6;

/// Reads a DOC.
///
/// # Errors
/// [`Refusal::Damaged`], [`Refusal::NoText`] and [`Refusal::TooComplex`].
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let document = undoc::parse_bytes(bytes).map_err(|_| Refusal::Damaged)?;
    let mut flow = Flow::default();
    for section in &document.sections {
        section.header.iter().flatten().for_each(|paragraph| write(&mut flow, paragraph));
        section.content.iter().for_each(|block| write_block(&mut flow, block));
        section.footer.iter().flatten().for_each(|paragraph| write(&mut flow, paragraph));
    }
    flow.finish(Format::Doc)
}

fn write_block(flow: &mut Flow, block: &Block) {
    match block {
        Block::Paragraph(paragraph) => write(flow, paragraph),
        Block::Table(table) => write_table(flow, table, DEEPEST),
        _ => {}
    }
}

fn write(flow: &mut Flow, paragraph: &Paragraph) {
    flow.paragraph(&runs(paragraph), heading(paragraph.heading));
}

fn write_table(flow: &mut Flow, table: &Table, depth: usize) {
    for row in &table.rows {
        flow.begin_row();
        for cell in &row.cells {
            flow.begin_cell();
            cell.content.iter().for_each(|paragraph| write(flow, paragraph));
            if let Some(depth) = depth.checked_sub(1) {
                cell.nested_tables.iter().for_each(|table| write_table(flow, table, depth));
            }
        }
        flow.end_row();
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
    let ground = run.style.highlight.as_deref().and_then(color::parse).unwrap_or(Color::WHITE);
    let ink = run.style.color.as_deref().and_then(color::parse);
    let tiny = run.style.size.is_some_and(|half_points| half_points < SMALLEST);
    let hidden = match ink {
        Some(ink) if color::same(ink, ground) => Some(HiddenReason::NoInk),
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
