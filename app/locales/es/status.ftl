title = Su candidatura: { $posting }
thanks = Gracias, { $name }
your-application = Su candidatura al puesto { $posting } en { $company }
received = Recibida
processed = CV procesado
queued = Su CV está en la cola.
reading = Se está leyendo su CV.
readable = { $pages ->
    [one] 1 página, toda legible.
   *[other] { $pages } páginas, todas legibles.
}
partly-readable = { $pages ->
    [one] 1 página sin texto legible. Alguien del equipo abrirá el original.
   *[other] { $pages } páginas, { $unread } de ellas sin texto legible. Alguien del equipo abrirá el original.
}
unreadable = No pudimos leer el texto, por ejemplo porque es una foto. Alguien del equipo abrirá el original.
reload = Recargue esta página para ver los cambios.
keep = Guarde la dirección de esta página: es la única forma de volver. Cualquiera que tenga la dirección puede verla.
next-step = Siguiente paso
interview = Entrevista
in-review = En revisión
offer = Oferta
hired = Contratado
declined = Descartada
applied-text = Alguien del equipo leerá su candidatura.
review-text = Alguien del equipo está leyendo su candidatura.
interview-text = El equipo quiere hablar con usted y se pondrá en contacto.
offer-text = El equipo tiene una oferta para usted y se pondrá en contacto.
hired-text = Le hemos contratado. ¡Bienvenido al equipo!
declined-text = El equipo ha decidido no seguir adelante con su candidatura. Gracias por presentarse.
