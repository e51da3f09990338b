### Names of things that several features show.

stage-applied = Applied
stage-review = In review
stage-interview = Interview
stage-offer = Offer
stage-hired = Hired
stage-declined = Declined
line-name = Name
line-current-role = Current role
line-previous-role = Previous role
line-education = Education
line-experience = Experience
line-must-have = Must-haves
line-skill = Skills
line-language = Languages
line-highlight = In their words
line-to-verify = To verify
