title = Votre candidature : { $posting }
thanks = Merci, { $name }
your-application = Votre candidature au poste { $posting } chez { $company }
received = Reçue
processed = CV traité
queued = Votre CV est dans la file d’attente.
reading = Votre CV est en cours de lecture.
readable = { $pages ->
    [one] 1 page, entièrement lisible.
   *[other] { $pages } pages, toutes lisibles.
}
partly-readable = { $pages ->
    [one] 1 page sans texte lisible. Une personne de l’équipe ouvrira l’original.
   *[other] { $pages } pages, dont { $unread } sans texte lisible. Une personne de l’équipe ouvrira l’original.
}
unreadable = Nous n’avons pas pu lire son texte, par exemple parce que c’est une photo. Une personne de l’équipe ouvrira l’original.
reload = Rechargez cette page pour voir ce qui a changé.
keep = Enregistrez l’adresse de cette page : c’est le seul moyen d’y revenir. Toute personne qui a cette adresse peut voir la page.
next-step = Prochaine étape
interview = Entretien
in-review = En cours d’examen
offer = Offre
hired = Embauché
declined = Refusée
applied-text = Une personne de l’équipe lira votre candidature.
review-text = Une personne de l’équipe lit votre candidature.
interview-text = L’équipe souhaite vous parler et vous contactera.
offer-text = L’équipe a une offre pour vous et vous contactera.
hired-text = Vous êtes embauché. Bienvenue dans l’équipe !
declined-text = L’équipe a décidé de ne pas donner suite à votre candidature. Merci d’avoir postulé.
