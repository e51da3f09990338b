sign-in = Se connecter
lead = Pour les recruteurs et les responsables.
email = E-mail
password = Mot de passe
