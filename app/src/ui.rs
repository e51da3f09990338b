//! Parts to build pages from: native elements with their labels, states, keyboard and
//! screen-reader behavior.
//!
//! Data comes in as props and leaves as callbacks. A part knows nothing of the product and holds no
//! sentence: every text is a prop, so that the caller chooses the language. Where a native element
//! can do the work, the part also works before hydration and without scripts. Each part has one
//! style sheet in `style/ui/`; the page `/ui` shows all of them ([`gallery`]), and
//! `end2end/tests/ui.spec.ts` photographs it.

mod avatar;
mod button;
mod checkbox;
mod chip;
mod control;
mod date_field;
mod dialog;
mod empty_state;
mod error_state;
mod field;
mod file_drop;
pub mod gallery;
mod heading;
mod menu;
mod palette;
mod roving;
mod select;
mod selection;
mod skeleton;
mod table;
mod tabs;
mod toast;
mod tooltip;

pub use avatar::Avatar;
pub use button::{Button, ButtonLink, Rank};
pub use checkbox::Checkbox;
pub use chip::{Chip, Tone};
pub use date_field::{DateField, DateShortcut};
pub use dialog::Dialog;
pub use empty_state::EmptyState;
pub use error_state::ErrorState;
pub use field::{Field, TextArea};
pub use file_drop::{ChosenFile, FileDrop};
pub use menu::{Menu, MenuItem};
pub use palette::{Command, CommandPalette};
pub use select::{Choice, Select};
pub use selection::Selection;
pub use skeleton::Skeleton;
pub use table::{ColumnHead, SelectCell, SelectHead, Sort, Table};
pub use tabs::{Tab, TabLink, TabLinks, Tabs};
pub use toast::{Toast, Toaster, Toasts, provide_toaster};
pub use tooltip::Tooltip;

#[cfg(test)]
mod tests {

    use std::{fs, path::Path};

    /// Modules that several parts share.
    const SHARED: [&str; 5] = ["control", "gallery", "heading", "roving", "selection"];

    fn sources(folder: &Path) -> Vec<(String, String)> {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
        files
            .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap()))
            .collect()
    }

    #[test]
    fn every_part_has_a_style_sheet_and_is_shown_in_the_gallery() {
        let app = Path::new(env!("CARGO_MANIFEST_DIR"));
        let styles = app.join("../style");
        let main = fs::read_to_string(styles.join("main.css")).unwrap();
        let gallery: String = sources(&app.join("src/ui/gallery")).into_iter().map(|(_, source)| source).collect();
        let mut parts = 0;
        for (part, _) in sources(&app.join("src/ui")).iter().filter(|(name, _)| !SHARED.contains(&name.as_str())) {
            assert!(styles.join(format!("ui/{part}.css")).is_file(), "{part} has no style sheet");
            assert!(main.contains(&format!("ui/{part}.css")), "main.css does not import that of {part}");
            assert!(gallery.contains(&format!("<Part name=\"{part}\">")), "{part} is not shown");
            parts += 1;
        }
        assert!(parts >= 18, "only {parts} parts were found");
    }
}
