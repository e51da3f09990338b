title = Tâches de fond
available = En attente
scheduled = Planifiées
executing = En cours
retryable = Nouvel essai
completed = Terminées
cancelled = Annulées
discarded = En échec
history = Historique
arguments = Arguments
unchanged = Cette tâche ne peut pas être modifiée : elle est en cours, terminée ou attend d’autres tâches.
retry = Réessayer
cancel = Annuler
delete = Supprimer
save-and-retry = Enregistrer et réessayer
enqueued = Mise en file
due = Échéance
failed-before-start = Échec avant le démarrage
attempt-failed = Échec de la tentative { $n }
attempt-started = Tentative { $n } démarrée sur { $node }
unknown-node = un nœud inconnu
queue = File
attempts = Tentatives
of = { $n } sur { $max }
attempt-of = Tentative { $n } sur { $max }
priority = Priorité
waits-for = Attend
other-tasks = { $count ->
    [one] { $count } autre tâche
   *[other] { $count } autres tâches
}
tags = Étiquettes
trace = Trace
result = Résultat
recent = Tâches récentes
no-match = Aucune tâche ne correspond à ces filtres.
with-selected = { $count ->
    [0] Avec la sélection :
   *[other] Avec { $count } sélectionnées :
}
select-all = Tout sélectionner
select = Sélectionner la tâche { $id }
task = Tâche
state = État
older = Tâches plus anciennes
changed = { $count ->
    [0] Aucune tâche n’a été modifiée.
    [one] 1 tâche a été modifiée.
   *[other] { $count } tâches ont été modifiées.
}
all = Toutes
worker = Worker
arguments-contain = Arguments contenant
show = Afficher
queues = Files
no-queues = Pas encore de files
no-queues-hint = Une file apparaît ici dès qu’un processus la traite ou qu’une tâche y attend.
paused = En pause
slots-in-use = { $used } emplacements sur { $slots } occupés
nothing-ran = Rien n’a tourné ces dix dernières minutes.
activity = { $rate } maintenant · attente { $waited } · exécution { $ran }
resume = Reprendre
pause = Mettre en pause
slots = Emplacements par nœud
set = Définir
leader = Leader
nodes = Nœuds
no-nodes = Aucun processus ne traite la file. Démarrez-en un avec { $command }.
node = Nœud
since = Depuis
recurring = Tâches récurrentes
no-recurring = Aucune tâche récurrente.
when = Quand
next = Prochaine
change = Modifier
never = Jamais
run-now = Exécuter maintenant
chart = Ces dix dernières minutes, { $completed } tentatives ont abouti et { $failed } ont échoué.
ten-minutes = 10 min
max-rate = max. : { $rate }
rate = { $n }/s
