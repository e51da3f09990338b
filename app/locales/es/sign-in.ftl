sign-in = Iniciar sesión
lead = Para el equipo de selección y los responsables.
email = Correo electrónico
password = Contraseña
