"""Work calendar (工作日历): which days are worked, where the library does not know better.

One stream. The State Council moves weekends every year; the library knows the notices that were
published before it was released. QA declares what a newer notice says, day by day.
"""
