"""When people write."""

from datetime import datetime, time, timedelta

OPENS, CLOSES = time(8, 30), time(19, 30)


def at_work(moment: datetime) -> datetime:
    """
    Return the moment, or the same seconds into the next working morning when it is at night.

    >>> at_work(datetime(2024, 3, 5, 23, 10, 5)).isoformat()
    '2024-03-06T08:40:05'
    """
    if OPENS <= moment.time() <= CLOSES:
        return moment
    day = moment.date() + timedelta(days=moment.time() > CLOSES)
    return datetime.combine(day, OPENS) + timedelta(minutes=moment.minute, seconds=moment.second)
