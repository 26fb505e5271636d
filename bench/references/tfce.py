"""TFCE of one voxel, slow and plain: E = .5, H = 2, neighbours that share a face."""
import heapq
import itertools
import math


def tfce(values, voxel):
    """The integral over heights h from 0 to the voxel's value of sqrt(size of its cluster at h) h^2.

    From the voxel, the cluster takes in its highest neighbour again and again. Whenever that neighbour is lower than all
    before, the cluster had its present size at the heights between.

    @param values  3D array; what is not positive is in no cluster
    @param voxel   (i, j, k)
    """
    height, size, integral = float(values[voxel]), 0, 0.0
    if not height > 0:
        return 0.0
    border, seen = [(-height, voxel)], {voxel}
    while border:
        value, at = heapq.heappop(border)
        if -value < height:
            integral += math.sqrt(size) * (height**3 - (-value) ** 3) / 3
            height = -value
        size += 1
        for axis, way in itertools.product(range(3), (-1, 1)):
            q = list(at)
            q[axis] += way
            q = tuple(q)
            if 0 <= q[axis] < values.shape[axis] and q not in seen and values[q] > 0:
                seen.add(q)
                heapq.heappush(border, (-float(values[q]), q))
    return integral + math.sqrt(size) * height**3 / 3
