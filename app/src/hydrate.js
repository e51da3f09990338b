const meta = (name) => document.querySelector(`meta[name=${name}]`)?.content;
const rendered = new URL(meta("verbatim-path") ?? location.href, location.href);

// Back and Forward within one document change the address, not the page. The module must not hydrate
// the page of one address at another, so until it runs, only a reload can follow.
function isElsewhere() {
  return location.pathname !== rendered.pathname || location.search !== rendered.search;
}

function follow() {
  if (!isElsewhere()) return;
  // Something between browser and server rewrites the address: a reload would end here again.
  if (sessionStorage.getItem("reloaded") === location.href) throw new Error(`rendered for ${rendered}`);
  sessionStorage.setItem("reloaded", location.href);
  location.reload();
}

async function start() {
  const glue = await import("/pkg/verbatim.js");
  const texts = fetch(meta("verbatim-texts"));
  const module = await fetch("/pkg/verbatim.wasm");
  const [build, own] = [module.headers.get("verbatim-build"), meta("verbatim-build")];
  if (build && own && build !== own) return show("update");
  await glue.default({ module_or_path: module });
  // Texts of another build have other numbers.
  if (!(await texts).ok) return show("update");
  const table = await (await texts).text();
  if (isElsewhere()) return follow();
  removeEventListener("popstate", follow);
  sessionStorage.removeItem("reloaded");
  glue.hydrate(document.documentElement.lang, table);
  performance.mark("hydrated");
}

function fail(error) {
  console.warn("This page is not live:", error);
  show("failure");
  for (const status of document.querySelectorAll(".connection")) status.hidden = true;
}

function show(id) {
  const banner = document.getElementById(id);
  if (banner) banner.hidden = false;
}

// A panic of the module leaves a page that only looks alive.
const onError = (error) => error instanceof WebAssembly.RuntimeError && fail(error);
addEventListener("error", ({ error }) => onError(error));
addEventListener("unhandledrejection", ({ reason }) => onError(reason));
addEventListener("popstate", follow);
start().catch(fail);
