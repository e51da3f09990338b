//! `wasm-bindgen --target=web --out-name=NAME --out-dir=DIR FILE`, as cargo-leptos calls it.

use anyhow::{Context as _, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.web(true)?;
    let mut folder = None;
    for argument in std::env::args().skip(1) {
        match argument.split_once('=').unwrap_or((&argument, "")) {
            ("--version", _) => {
                println!("wasm-bindgen {}", env!("CARGO_PKG_VERSION"));
                return Ok(());
            }
            ("--target", "web") => {}
            ("--out-name", name) => {
                bindgen.out_name(name);
            }
            ("--out-dir", path) => folder = Some(path.to_owned()),
            ("--debug", _) => {
                bindgen.debug(true);
            }
            ("--keep-debug", _) => {
                bindgen.keep_debug(true);
            }
            ("--keep-lld-exports", _) => {
                bindgen.keep_lld_exports(true);
            }
            ("--no-demangle", _) => {
                bindgen.demangle(false);
            }
            (option, _) if option.starts_with('-') => bail!("{argument} is not supported"),
            _ => {
                bindgen.input_path(&argument);
            }
        }
    }
    bindgen.generate(folder.context("--out-dir is missing")?)
}
