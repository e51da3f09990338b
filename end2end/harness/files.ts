import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { constants, crc32, createDeflateRaw, deflateRawSync } from "node:zlib";

/** A file as a form sends it. */
export interface FormFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** The path of a fixture. */
export function fixture(name: string): string {
  return join(import.meta.dirname, "../fixtures", name);
}

export async function pdf(name: string): Promise<FormFile> {
  return { name, mimeType: "application/pdf", buffer: await readFile(fixture(name)) };
}

export function textFile(name: string, text: string | Buffer, mimeType = "text/plain"): FormFile {
  return { name, mimeType, buffer: Buffer.from(text) };
}

/** A well-formed PDF whose page tree is empty. */
export function pdfWithoutPages(): FormFile {
  const objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>"];
  let text = "%PDF-1.7\n";
  const places = objects.map((object, n) => {
    const place = text.length;
    text += `${n + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(place).padStart(10, "0")} 00000 n \n`;
  });
  const table = text.length;
  text += `xref\n0 3\n0000000000 65535 f \n${places.join("")}`;
  text += `trailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return textFile("no-pages.pdf", text, "application/pdf");
}

export function pngNamedPdf(): FormFile {
  const pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  return { name: "cv.pdf", mimeType: "application/pdf", buffer: Buffer.from(pixel, "base64") };
}

export function programNamedDocx(): FormFile {
  const buffer = Buffer.alloc(4096);
  buffer.write("MZ");
  buffer.writeUInt32LE(0x80, 0x3c);
  buffer.write("PE\0\0", 0x80);
  return textFile("cv.docx", buffer, docx);
}

const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

const formats: Record<string, string> = {
  docx,
  odt: "application/vnd.oasis.opendocument.text",
  rtf: "application/rtf",
};

/** One of the CVs in the fixtures of crates/cv. */
export async function cvFixture(name: string): Promise<FormFile> {
  const path = join(import.meta.dirname, "../../crates/cv/tests/fixtures", name);
  const mimeType = formats[name.split(".").at(-1) ?? ""] ?? "application/octet-stream";
  return { name, mimeType, buffer: await readFile(path) };
}

/** A DOCX of a few megabytes whose main part decompresses to `bytes`; streamed, never in memory as a whole. */
export async function docxBomb(bytes: number): Promise<FormFile> {
  const head = '<?xml version="1.0"?><w:document xmlns:w="x"><w:body><w:p><w:r><w:t>';
  const { packed, crc } = await deflateRepeated(Buffer.from(head), Buffer.alloc(1 << 20, "a"), bytes);
  const types = Buffer.from(
    `<?xml version="1.0"?><Types><Override PartName="/word/document.xml" ContentType="${docx}.main+xml"/></Types>`,
  );
  const parts = [
    { name: "[Content_Types].xml", packed: deflateRawSync(types), crc: crc32(types), size: types.length },
    // The size is wrong: the field has 32 bits, and a reader must not rely on it.
    { name: "word/document.xml", packed, crc, size: bytes % 2 ** 32 },
  ];
  return textFile("cv.docx", zip(parts), docx);
}

async function deflateRepeated(head: Buffer, block: Buffer, total: number): Promise<{ packed: Buffer; crc: number }> {
  const packer = createDeflateRaw({ level: constants.Z_BEST_COMPRESSION });
  const chunks: Buffer[] = [];
  packer.on("data", (chunk: Buffer) => chunks.push(chunk));
  const write = (part: Buffer) => new Promise<void>((done) => packer.write(part, () => done()));
  await write(head);
  await new Promise<void>((done) => packer.flush(constants.Z_FULL_FLUSH, done));
  await write(block);
  await new Promise<void>((done) => packer.flush(constants.Z_FULL_FLUSH, done));
  const start = Buffer.concat(chunks);
  chunks.length = 0;
  await write(block);
  await new Promise<void>((done) => packer.flush(constants.Z_FULL_FLUSH, done));
  // After a full flush a block compresses to the same bytes each time.
  const again = Buffer.concat(chunks);
  packer.destroy();
  const times = Math.ceil((total - head.length) / block.length) - 1;
  const end = Buffer.from([0x03, 0x00]);
  const crc = crc32(block, crc32(head));
  return { packed: Buffer.concat([start, ...Array<Buffer>(times).fill(again), end]), crc };
}

interface Part {
  name: string;
  packed: Buffer;
  crc: number;
  size: number;
}

/** A minimal ZIP archive of compressed parts. */
function zip(parts: Part[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let place = 0;
  for (const { name, packed, crc, size } of parts) {
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(crc, 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(size, 18);
    shared.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(place, 10);
    const file = Buffer.concat([Buffer.from("PK\x03\x04"), shared, Buffer.from(name), packed]);
    files.push(file);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\0"), shared, rest, Buffer.from(name)]));
    place += file.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.length, 4);
  end.writeUInt16LE(parts.length, 6);
  end.writeUInt32LE(entries.length, 8);
  end.writeUInt32LE(place, 12);
  return Buffer.concat([...files, entries, Buffer.from("PK\x05\x06"), end]);
}
