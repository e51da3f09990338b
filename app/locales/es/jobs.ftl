title = Tareas en segundo plano
available = En espera
scheduled = Programadas
executing = En curso
retryable = Reintentando
completed = Completadas
cancelled = Canceladas
discarded = Con error
history = Historial
arguments = Argumentos
unchanged = Esta tarea no se puede cambiar: está en curso, ha terminado o espera a otras tareas.
retry = Reintentar
cancel = Cancelar
delete = Eliminar
save-and-retry = Guardar y reintentar
enqueued = En cola
due = Vencimiento
failed-before-start = Error antes de empezar
attempt-failed = El intento { $n } falló
attempt-started = El intento { $n } empezó en { $node }
unknown-node = un nodo desconocido
queue = Cola
attempts = Intentos
of = { $n } de { $max }
attempt-of = Intento { $n } de { $max }
priority = Prioridad
waits-for = Espera a
other-tasks = { $count ->
    [one] otra tarea
   *[other] otras { $count } tareas
}
tags = Etiquetas
trace = Traza
result = Resultado
recent = Tareas recientes
no-match = Ninguna tarea coincide con estos filtros.
with-selected = { $count ->
    [0] Con las seleccionadas:
   *[other] Con { $count } seleccionadas:
}
select-all = Seleccionar todas
select = Seleccionar la tarea { $id }
task = Tarea
state = Estado
older = Tareas anteriores
changed = { $count ->
    [0] No se cambió ninguna tarea.
    [one] Se cambió 1 tarea.
   *[other] Se cambiaron { $count } tareas.
}
all = Todas
worker = Worker
arguments-contain = Los argumentos contienen
show = Mostrar
queues = Colas
no-queues = Aún no hay colas
no-queues-hint = Una cola aparece aquí cuando un proceso la atiende o una tarea espera en ella.
paused = En pausa
slots-in-use = { $used } de { $slots } plazas ocupadas
nothing-ran = Nada se ejecutó en los últimos diez minutos.
activity = { $rate } ahora · espera { $waited } · ejecución { $ran }
resume = Reanudar
pause = Pausar
slots = Plazas por nodo
set = Aplicar
leader = Líder
nodes = Nodos
no-nodes = Ningún proceso atiende la cola. Inicie uno con { $command }.
node = Nodo
since = Desde
recurring = Tareas periódicas
no-recurring = No hay tareas periódicas.
when = Cuándo
next = Próxima
change = Cambiar
never = Nunca
run-now = Ejecutar ahora
chart = En los últimos diez minutos se completaron { $completed } intentos y fallaron { $failed }.
ten-minutes = 10 min
max-rate = máx.: { $rate }
rate = { $n }/s
