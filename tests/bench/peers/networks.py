"""The networks' hot paths in PyTorch, one thread: gradients, Fisher product, imagined rollout, inference.

Data and parameters come from `fill`, as on the other side; `check` is a number that both must agree on.
"""

import math

import torch
from serve import fill, microseconds, serve

torch.set_num_threads(1)
OBS, ACT = 17, 6
LOG_2PI = math.log(2 * math.pi)


def tensor(shape, seed, scale=1.0):
    return torch.from_numpy(fill(math.prod(shape), seed, scale)).reshape(shape)


def network(sizes, activation, seed, scale):
    """Layers from one flat array: for each its weights [in, out], then its bias; and what of the array is left."""
    total = sum((a + 1) * b for a, b in zip(sizes, sizes[1:]))
    theta = torch.from_numpy(fill(total + ACT, seed, scale))
    layers, at = [], 0
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        layer = torch.nn.Linear(a, b)
        layer.weight.data = theta[at : at + a * b].reshape(a, b).T.contiguous()
        layer.bias.data = theta[at + a * b : at + (a + 1) * b].clone()
        layers += [layer] if i + 2 == len(sizes) else [layer, activation()]
        at += (a + 1) * b
    return torch.nn.Sequential(*layers), theta[at:].clone()


def policy():
    net, log_std = network([OBS, 64, 64, ACT], torch.nn.Tanh, 1, 0.15)
    log_std.requires_grad_()
    return net, log_std, [*net.parameters(), log_std]


def identity(size):
    """A normalisation that changes nothing but costs what one does: training starts from raw batches."""
    mean, scale = torch.zeros(size), torch.ones(size)
    return lambda x: (x - mean) * scale


def norm(gradients):
    return math.sqrt(sum(float((g * g).sum()) for g in gradients))


def timed(work, seconds):
    return {"value": microseconds(work, seconds), "check": norm(work())}


def policy_gradient(rows):
    net, log_std, parameters = policy()
    s, a, w = tensor([rows, OBS], 2), tensor([rows, ACT], 3), tensor([rows], 4)
    normal = identity(OBS)

    def work():
        noise = (a - net(normal(s).clamp(-10, 10))) * torch.exp(-log_std)
        log_prob = -0.5 * (noise * noise).sum(1) - log_std.sum() - 0.5 * ACT * LOG_2PI
        return torch.autograd.grad((w * log_prob).mean(), parameters)

    return work


def fisher_product(rows):
    net, log_std, parameters = policy()
    s = tensor([rows, OBS], 2)
    v = torch.from_numpy(fill(sum(p.numel() for p in parameters), 5))
    mean = net(s)
    old_mean, old_log_std = mean.detach(), log_std.detach()
    ratio = torch.exp(2 * old_log_std) + (old_mean - mean) ** 2
    kl = (log_std - old_log_std + 0.5 * ratio * torch.exp(-2 * log_std) - 0.5).sum(1).mean()
    gradient = torch.autograd.grad(kl, parameters, create_graph=True)
    flat = torch.cat([g.T.reshape(-1) if g.dim() == 2 else g for g in gradient])

    def work():  # the graph of the gradient is kept
        product = torch.autograd.grad((flat * v).sum(), parameters, retain_graph=True)
        return [torch.cat([g.T.reshape(-1) if g.dim() == 2 else g for g in product]) + 0.1 * v]

    return work


def dynamics_gradient(rows, width):
    net, _ = network([OBS + ACT, width, width, OBS], torch.nn.ReLU, 6, 0.1)
    s, a, after = tensor([rows, OBS], 2), tensor([rows, ACT], 3), tensor([rows, OBS], 7)
    inputs, outputs, parameters = identity(OBS + ACT), identity(OBS), list(net.parameters())

    x, y = inputs(torch.cat([s, a.clamp(-1, 1)], 1)), outputs(after - s)

    def work():
        return torch.autograd.grad(torch.nn.functional.mse_loss(net(x), y), parameters)

    return work


def imagined_gradient(rows, width, horizon, softness):
    """Gradient of the Walker2d task's imagined advantage through its first action."""
    net, log_std, parameters = policy()
    frozen, frozen_log_std, _ = policy()
    value, _ = network([OBS, 64, 64, 1], torch.nn.Tanh, 8, 0.15)
    model, _ = network([OBS + 2 + ACT, width, width, OBS + 1], torch.nn.ReLU, 6, 0.05)
    for module in (frozen, value, model):
        module.requires_grad_(False)
    std, discount = torch.exp(frozen_log_std.detach()), 0.995
    s = tensor([rows, OBS], 2, 0.3)
    s[:, 0] += 1.25
    noise, weight = tensor([horizon, rows, ACT], 3), tensor([rows], 4)

    def survival(x):
        z, angle = x[:, 0], x[:, 1]
        margins = (z - 0.8, 2 - z, angle + 1, 1 - angle)
        return math.prod(torch.sigmoid(margin / soft) for margin, soft in zip(margins, softness))

    def work():
        state, action = s, net(s) + torch.exp(log_std) * noise[0]
        total, alive = -value(s)[:, 0], torch.ones(rows)
        for j in range(horizon):
            clipped = action.clamp(-1, 1)
            angle = state[:, 1:2]
            out = model(torch.cat([state, torch.sin(angle), torch.cos(angle), clipped], 1))
            reward = 1 - 1e-3 * (clipped * clipped).sum(1) + out[:, OBS]
            state = state + out[:, :OBS]
            total = total + discount**j * alive * reward
            alive = alive * survival(state)
            if j + 1 < horizon:
                action = frozen(state.clamp(-10, 10)) + std * noise[j + 1]
        total = total + discount**horizon * alive * value(state.clamp(-10, 10))[:, 0]
        return torch.autograd.grad((weight * total).sum(), parameters)

    return work


def inference():
    net, _, _ = policy()
    x = tensor([1, OBS], 2)

    def work():
        with torch.inference_mode():
            return [net(x)]

    return work


makers = {
    "policyGradient": policy_gradient,
    "fisherProduct": fisher_product,
    "dynamicsGradient": dynamics_gradient,
    "imaginedGradient": imagined_gradient,
    "inference": inference,
}
made = {}


def case(name):
    def answer(seconds, **options):
        key = name + repr(options)
        if key not in made:
            made[key] = makers[name](**options)
        return timed(made[key], seconds)

    return answer


serve({name: case(name) for name in makers}, ["torch"])
