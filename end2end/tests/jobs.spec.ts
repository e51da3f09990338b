import { pdf } from "../harness/files.ts";
import { findApplication, recruiters, send, signIn } from "../harness/people.ts";
import { type Page, expect, test } from "../harness/test.ts";

const queue = (page: Page) => page.locator('[data-testid="queue"][data-queue="summaries"]');
const newest = (page: Page) => page.getByTestId("job").filter({ hasText: "SummarizeCv" }).first();

async function openJobs(page: Page): Promise<void> {
  await page.goto("/admin/jobs");
  await expect(page.getByTestId("connection")).toHaveAttribute("data-connection", "online");
}

/** The cron entry that removes unused files. */
const sweep = (page: Page) => page.getByTestId("cron").filter({ hasText: "sweep files" });

test("an administrator sees a job appear, run and complete live", async ({ page, request }) => {
  await signIn(page);
  await page.getByRole("link", { name: "Background tasks", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Background tasks", exact: true })).toBeVisible();
  await expect(page.getByTestId("node")).toHaveCount(1);
  await expect(page.getByTestId("node")).toContainText("Leader");
  await expect(sweep(page)).toContainText("sweep files");
  await expect(newest(page)).toHaveCount(0);
  await page.evaluate(() => ((window as unknown as { kept: boolean }).kept = true));
  await send(request, { cv: await pdf("two-page-two-column.pdf") });
  await expect(newest(page)).toHaveAttribute("data-state", "completed");
  await expect(queue(page).locator("rect.completed")).toHaveCount(1);
  await expect(queue(page).getByTestId("count-executing")).toHaveText("0");
  await newest(page).locator("a").click();
  await expect(page.getByTestId("job-state")).toHaveText("Completed");
  await expect(page.getByTestId("timeline")).toContainText("Attempt 1 started on node-");
  expect(await page.evaluate(() => (window as unknown as { kept: boolean }).kept), "the page was never reloaded").toBe(true);
});

test("a paused queue starts nothing; selected tasks are canceled and retried", async ({ page, visitor, request }) => {
  await signIn(page);
  await openJobs(page);
  await queue(page).getByRole("button", { name: "Pause" }).click();
  await expect(queue(page)).toHaveAttribute("data-paused", "true");
  await send(request, { cv: await pdf("two-page-two-column.pdf") });
  await expect(queue(page).getByTestId("count-available")).toHaveText("1");
  await expect(newest(page)).toHaveAttribute("data-state", "available");

  const recruiter = await (await visitor()).newPage();
  await signIn(recruiter, recruiters.second);
  await recruiter.goto(await findApplication(recruiter));

  await newest(page).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(newest(page)).toHaveAttribute("data-state", "cancelled");
  await expect(page.getByText("1 task was changed.")).toBeVisible();
  await expect(recruiter.getByTestId("summary")).toHaveAttribute("data-state", "failed");

  await expect(newest(page).getByRole("checkbox"), "the choice outlives the new list").toBeChecked();
  await page.getByRole("button", { name: "Retry" }).click();
  await expect(newest(page)).toHaveAttribute("data-state", "available");
  await expect(recruiter.getByTestId("summary")).toHaveAttribute("data-state", "queued");
  await queue(page).getByRole("button", { name: "Resume" }).click();
  await expect(recruiter.getByTestId("summary")).toHaveAttribute("data-state", "ready");
  await expect(newest(page)).toHaveAttribute("data-state", "completed");
});

test("a queue can be scaled, a cron entry run now, a job edited and deleted", async ({ page, request, complaints }) => {
  // Server functions answer with the status of the refusal.
  complaints.allow(/status of 4\d\d/);
  await signIn(page);
  await openJobs(page);
  await expect(queue(page)).toContainText("0 of 4 slots in use");
  await queue(page).getByLabel("Slots on each node").fill("7");
  await queue(page).getByRole("button", { name: "Set" }).click();
  await expect(queue(page)).toContainText("0 of 7 slots in use");

  await sweep(page).getByRole("button", { name: "Run now" }).click();
  const swept = page.getByTestId("job").filter({ hasText: "SweepBlobs" }).first();
  await expect(swept).toHaveAttribute("data-state", "completed");
  await sweep(page).getByRole("button", { name: "Pause" }).click();
  await expect(sweep(page)).toContainText("Paused");

  await send(request, { cv: await pdf("two-page-two-column.pdf") });
  await expect(newest(page)).toHaveAttribute("data-state", "completed");
  await newest(page).locator("a").click();
  await page.getByRole("textbox", { name: "Arguments" }).fill("{");
  await page.getByRole("button", { name: "Save and retry" }).click();
  await expect(page.getByText("This is not valid JSON")).toBeVisible();
  await page.getByRole("button", { name: "Delete" }).click();
  await expect(page).toHaveURL(/\/admin\/jobs$/);
  await expect(newest(page)).toHaveCount(0);
});

test("the list can be filtered without scripts, and the filter is in the address", async ({ visitor, request }) => {
  await send(request, { cv: await pdf("two-page-two-column.pdf") });
  const page = await (await visitor({ javaScriptEnabled: false })).newPage();
  await signIn(page);
  await page.goto("/admin/jobs");
  await expect(newest(page)).toHaveCount(1);
  await page.getByLabel("State").selectOption("discarded");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL(/state=discarded/);
  await expect(newest(page)).toHaveCount(0);
  await expect(page.getByText("No tasks match these filters.")).toBeVisible();
  await page.goto("/admin/jobs?state=nonsense&before=nonsense");
  await expect(newest(page), "an unknown state filters nothing").toHaveCount(1);
  await queue(page).getByRole("button", { name: "Pause" }).click();
  await expect(queue(page).getByRole("button", { name: "Resume" })).toBeVisible();
});

test("the queue is hidden from recruiters: pages, server functions and socket", async ({ page, complaints }) => {
  complaints.allow(/status of 40/);
  await signIn(page, recruiters.second);
  await expect(page.getByRole("heading", { name: "Postings" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Background tasks", exact: true })).toHaveCount(0);
  for (const path of ["/admin/jobs", "/admin/jobs/1"]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
  }
  for (const call of ["read_queue", "list_jobs", "read_job", "change_jobs", "delete_job", "edit_job", "switch_queue", "scale_queue", "switch_cron"]) {
    const form = { id: 1, "ids[]": 1, change: "delete", name: "summaries", switch: "pause", slots: 1, args: "{}", "filter[queue]": "" };
    const answer = await page.request.post(`/api/${call}`, { form });
    expect(answer.ok(), call).toBe(false);
    expect(await answer.text(), call).toContain("not_found");
  }
  const refused = await page.evaluate(
    () =>
      new Promise((done) => {
        const socket = new WebSocket(`${location.origin.replace("http", "ws")}/live`);
        socket.onopen = () => socket.send(JSON.stringify({ type: "join", topic: "queue", since: 0 }));
        // The first message is the server's hello.
        socket.onmessage = ({ data }) => JSON.parse(data).type === "hello" || done(JSON.parse(data));
      }),
  );
  expect(refused).toEqual({ type: "refused", topic: "queue", reason: "forbidden" });
});
