"""A second simulated phone, made by somebody who had not seen the first: a reader can be used to one camera's habits.

It follows the light: ink and paper with their faults (augraphy), the shape of the sheet in millimetres, a table below
it, lamp and shadows in linear light, a pinhole camera, its lens, its sensor, the phone's own processing, and the JPEG.

In the world all lengths are millimetres: x to the right, y down along the page, z up towards the camera; the table is
z = 0. Angles are degrees. A4 is 210 by 297 mm (ISO 216). A phone's main camera sees as much as 24 to 28 mm on film, so
65 to 71 degrees over the long side of a 4:3 sensor.

Importing `photo` takes seconds (augraphy brings much along), so the bed does so only when it is asked for this camera.
"""
