title = Ihre Bewerbung: { $posting }
thanks = Vielen Dank, { $name }
your-application = Ihre Bewerbung als { $posting } bei { $company }
received = Eingegangen
processed = Lebenslauf gelesen
queued = Ihr Lebenslauf ist in der Warteschlange.
reading = Ihr Lebenslauf wird gelesen.
readable = { $pages ->
    [one] 1 Seite, vollständig lesbar.
   *[other] { $pages } Seiten, alle lesbar.
}
partly-readable = { $pages ->
    [one] 1 Seite ohne lesbaren Text. Jemand aus dem Team öffnet das Original.
   *[other] { $pages } Seiten, davon { $unread } ohne lesbaren Text. Jemand aus dem Team öffnet das Original.
}
unreadable = Wir konnten den Text nicht lesen, etwa weil es ein Foto ist. Jemand aus dem Team öffnet das Original.
reload = Laden Sie diese Seite neu, um Änderungen zu sehen.
keep = Speichern Sie die Adresse dieser Seite: Nur mit ihr kommen Sie hierher zurück. Wer die Adresse kennt, kann diese Seite sehen.
next-step = Nächster Schritt
interview = Gespräch
in-review = In Prüfung
offer = Angebot
hired = Eingestellt
declined = Abgelehnt
applied-text = Jemand aus dem Team wird Ihre Bewerbung lesen.
review-text = Jemand aus dem Team liest Ihre Bewerbung.
interview-text = Das Team möchte mit Ihnen sprechen und meldet sich bei Ihnen.
offer-text = Das Team hat ein Angebot für Sie und meldet sich bei Ihnen.
hired-text = Sie sind eingestellt. Willkommen im Team!
declined-text = Das Team hat sich entschieden, Ihre Bewerbung nicht weiterzuverfolgen. Vielen Dank für Ihre Bewerbung.
