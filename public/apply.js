// Makes the application form nicer: drag and drop, a progress bar, errors in place.
// Without it the form is an ordinary multipart POST.

for (const form of document.querySelectorAll("form.apply")) enhance(form);

function enhance(form) {
    const input = form.elements.namedItem("cv");
    const drop = input.closest(".field");
    const hint = drop.querySelector(".field-hint");
    const plain = hint.textContent;

    for (const type of ["dragenter", "dragover"]) drop.addEventListener(type, over);
    for (const type of ["dragleave", "drop"]) drop.addEventListener(type, () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
        event.preventDefault();
        if (event.dataTransfer.files.length === 0) return;
        input.files = event.dataTransfer.files;
        show();
    });
    input.addEventListener("change", show);
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        // A disabled button would lose the focus.
        if (form.querySelector("button.primary").ariaBusy === "true") return;
        const wrong = complaint(form, input.files[0]);
        if (wrong) refuse(form, wrong, input);
        else send(form);
    });

    function over(event) {
        event.preventDefault();
        drop.classList.add("over");
    }

    function show() {
        const file = input.files[0];
        hint.textContent = file ? `${file.name}, ${size(file.size)}` : plain;
        say(form, file ? complaint(form, file) : "");
    }
}

// What is wrong with a file as far as a browser can tell; the server looks at its content.
function complaint(form, file) {
    const limit = Number(form.dataset.limit);
    if (!file) return form.dataset.missing;
    if (file.size === 0) return form.dataset.empty;
    if (file.size > limit) return form.dataset.tooLarge;
    return "";
}

function send(form) {
    const request = new XMLHttpRequest();
    const bar = form.querySelector("progress");
    const words = form.querySelector("output");
    const button = form.querySelector("button.primary");
    const cancel = form.querySelector("[data-cancel]");
    const stop = () => request.abort();

    busy(true);
    say(form, "");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
        const percent = Math.round((100 * loaded) / total);
        bar.value = percent;
        words.textContent = percent < 100 ? `${percent} %` : form.dataset.processing;
    });
    request.addEventListener("load", () => answered(request.response));
    request.addEventListener("error", () => fail(form.dataset.lost));
    request.addEventListener("abort", () => fail(""));
    cancel.addEventListener("click", stop);
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.send(new FormData(form));

    function answered(answer) {
        if (answer?.location) return location.assign(answer.location);
        const message = answer?.error?.message ?? form.dataset.failed;
        fail(message, fieldOf(form, answer?.error?.code));
    }

    function fail(message, field) {
        busy(false);
        refuse(form, message, field);
    }

    function busy(on) {
        form.querySelector("[data-sending]").hidden = !on;
        button.ariaBusy = button.ariaDisabled = on ? "true" : null;
        bar.value = 0;
        words.textContent = "";
        if (!on) cancel.removeEventListener("click", stop);
    }
}

// The field that an error of the server is about, if it is about one.
function fieldOf(form, code = "") {
    const name = code.startsWith("file_") ? "cv" : code.replace(/_invalid$/, "");
    return form.elements.namedItem(name);
}

// Shows what is wrong, marks the field that is, and leads keyboard and screen reader to it.
function refuse(form, message, field) {
    say(form, message);
    if (!field) return;
    const place = form.querySelector("[data-testid=form-error]");
    field.ariaInvalid = "true";
    const described = [`${field.id}-hint`, place.id].filter((id) => document.getElementById(id));
    field.setAttribute("aria-describedby", described.join(" "));
    field.focus();
    place.scrollIntoView({ block: "nearest" });
}

// Shows a message, or none, and no longer what the page before it said.
function say(form, message) {
    const place = form.querySelector("[data-testid=form-error]");
    place.textContent = message;
    place.hidden = message === "";
    for (const error of form.querySelectorAll(".field-error")) error.remove();
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

function size(bytes) {
    return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
