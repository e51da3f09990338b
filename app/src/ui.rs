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
