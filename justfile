# The project's habits, one recipe each. `just` lists them; each is a plain script and works without just.

default:
    @just --list

# Start the product with its demo
run *arguments:
    bin/run {{ arguments }}

# Run the tests; arguments go on to pytest
test *arguments:
    bin/test {{ arguments }}

# Check style, types, contracts and migrations; --fix mends
lint *arguments:
    bin/lint {{ arguments }}

# Everything a change must pass, as CI does it
ci:
    .ci/run

# Run a command beside a private PostgreSQL and Redis
services *command:
    bin/services run {{ command }}
