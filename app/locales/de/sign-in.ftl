sign-in = Anmelden
lead = Für Recruiting und Fachabteilungen.
email = E-Mail
password = Passwort
