### The status page of an applicant.

title = Your application: { $posting }
thanks = Thank you, { $name }
your-application = Your application for { $posting } at { $company }
received = Received
processed = CV processed
queued = Your CV is in the queue.
reading = Your CV is being read.
readable = { $pages ->
    [one] 1 page, all of it readable.
   *[other] { $pages } pages, all of them readable.
}
partly-readable = { $pages ->
    [one] 1 page without readable text. Someone from the team will open the original.
   *[other] { $pages } pages, { $unread } of them without readable text. Someone from the team will open the original.
}
unreadable = We could not read its text, for example because it is a photo. Someone from the team will open the original.
reload = Reload this page to see what has changed.
keep = Save the address of this page: it is the only way back here. Anyone who has the address can see this page.
next-step = Next step
interview = Interview
in-review = In review
offer = Offer
hired = Hired
declined = Declined
applied-text = Someone from the team will read your application.
review-text = Someone from the team is reading your application.
interview-text = The team would like to talk to you and will contact you.
offer-text = The team has an offer for you and will contact you.
hired-text = You've been hired. Welcome to the team!
declined-text = The team has decided not to take your application further. Thank you for applying.
