import("/pkg/verbatim.js")
  .then(async (glue) => {
    const module = await fetch("/pkg/verbatim.wasm");
    const [build, own] = [module.headers.get("verbatim-build"), document.querySelector("meta[name=verbatim-build]")];
    if (build && own && build !== own.content) throw new Error(`the server has build ${build}`);
    await glue.default({ module_or_path: module });
    glue.hydrate();
  })
  .catch((error) => {
    console.warn("This page is not live:", error);
    const offer = document.getElementById("update");
    if (offer) offer.hidden = false;
  });
