### Why something was refused or failed.

sign-in = Please sign in to see this.
wrong-credentials = Wrong e-mail address or password.
throttled = { $minutes ->
    [one] Too many attempts. Please wait a minute and try again.
   *[other] Too many attempts. Please wait { $minutes } minutes and try again.
}
not-found = We can't find what you are looking for. It may have been removed.
page-not-found = This page does not exist.
posting-closed = We're no longer taking applications for this role.
same-stage = It's already in this stage.
busy = This CV is already being read.
overloaded = We are reading many CVs right now. Please try again in a minute.
internal = Something went wrong on our side. Please try again in a moment.
unreachable = We can't reach the server. Please try again in a moment.
call-failed = Something went wrong. Please try again in a moment.
name-missing = Please enter your name.
name-too-long = This name is too long. Please use at most { $max } characters.
name-characters = This name contains characters that can't be displayed. Please type it again.
note-missing = Please enter a note.
note-too-long = This note is too long. Please use at most { $max } characters.
note-characters = This note contains characters that can't be displayed. Please type it again.
too-many-notes = This application already has { $max } notes. No more can be added.
not-an-email = This is not an e-mail address. It should look like name@example.org.
password-too-short = Please use a password of at least { $min } characters.
cv-missing = Please choose the file that holds your CV.
out-of-range = Please enter a number from { $min } to { $max }, or leave the field empty for the default.
unknown-value = There is no such value. Please choose another one.
not-json = This is not valid JSON: { $error }
form-incomplete = The form did not arrive completely. Please send it again.
field-invalid = Please correct this field and try again.
file-empty = This file is empty. Please choose the file that holds your CV.
file-too-large = This file is larger than { $limit } MB. Please save a smaller version and try again.
file-wrong-type = We can't read this type of file ({ $found }). Please upload a PDF, DOCX, DOC, ODT, RTF, HTML or text file, or a photo (PNG or JPEG).
file-encrypted = This file is protected by a password. Please send a copy without one.
file-damaged = This file is damaged or incomplete. Please export it again and retry.
file-no-pages = This document has no pages. Please choose the file that holds your CV.
file-too-many-pages = This document has more than { $limit } pages. Please send a shorter CV.
file-too-complex = This file expands to more data than a CV can hold. Please export it again and retry.
file-no-text = There is no text in this document. Please choose the file that holds your CV.
