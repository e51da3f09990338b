### Signing in.

sign-in = Sign in
lead = For recruiters and hiring managers.
email = E-mail
password = Password
