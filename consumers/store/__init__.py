"""What the township side remembers: one file per group of tables, each with its queries as plain functions.

    database    open_store, reading, writing; the errors
    alerts      newest version of each alert and all versions seen: rebuilt from Kafka
    alert_counts   how many alerts each township has: rebuilt from Kafka
    area_alerts newest version of each area alert, which are the county's: rebuilt from Kafka
    marks       which alerts have which mark, for the lists: rebuilt from Kafka
    fund        what funds paid: rebuilt from Kafka; and what is on its way
    monitored   households that the county included, by class: rebuilt from Kafka
    positions   how far the log was applied: rebuilt from Kafka
    tasks       messages in a township's inbox
    deliveries  what goes out over other channels
    accounts    who may sign in, and their sessions
    book        the household book, encrypted
    notes       what officers wrote freely; never on the bus
    outbox      actions on their way to the bus

A query takes a Connection and the time as an argument; it never commits: `writing` does, at its end, or nothing stands.
"""
