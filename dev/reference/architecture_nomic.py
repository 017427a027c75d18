"""NomicBERT, which transformers does not have: BERT with rotary positions, a gated SiLU in its middle and no biases but those
of its normalisations. Its publishers ship code of their own with the weights; this is the same arithmetic, for random ones."""

import torch
import transformers
from torch.nn import Embedding, LayerNorm, Linear, Module, ModuleList
from torch.nn.functional import scaled_dot_product_attention, silu
from transformers.modeling_outputs import BaseModelOutput


class NomicBertConfig(transformers.PretrainedConfig):
    model_type = "nomic_bert"
    attribute_map = {"hidden_size": "n_embd", "num_hidden_layers": "n_layer", "num_attention_heads": "n_head"}

    def __init__(self, n_embd=768, n_head=12, n_layer=12, n_inner=3072, rotary_emb_base=1000, **other):
        self.n_embd = n_embd
        self.n_head = n_head
        self.n_layer = n_layer
        self.n_inner = n_inner
        self.rotary_emb_base = rotary_emb_base
        self.type_vocab_size = other.pop("type_vocab_size", 2)
        self.vocab_size = other.pop("vocab_size", 30528)
        self.initializer_range = other.pop("initializer_range", 0.02)
        self.layer_norm_epsilon = other.pop("layer_norm_epsilon", 1e-12)
        super().__init__(**other)


def rotated(heads, base):
    """The first half of each head is turned against the second, by an angle that grows with the position."""
    half = heads.shape[-1] // 2
    speeds = 1 / base ** (torch.arange(half) / half)
    angles = torch.arange(heads.shape[-2])[:, None] * speeds
    first, second = heads[..., :half], heads[..., half:]
    return torch.cat(
        (first * angles.cos() - second * angles.sin(), second * angles.cos() + first * angles.sin()), dim=-1
    )


class Attention(Module):
    def __init__(self, config):
        super().__init__()
        self.heads, self.base = config.n_head, config.rotary_emb_base
        self.Wqkv = Linear(config.n_embd, 3 * config.n_embd, bias=False)
        self.out_proj = Linear(config.n_embd, config.n_embd, bias=False)

    def forward(self, hidden, mask):
        batch, tokens, size = hidden.shape
        parts = self.Wqkv(hidden).view(batch, tokens, 3, self.heads, size // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        attended = scaled_dot_product_attention(
            rotated(query, self.base), rotated(key, self.base), value, attn_mask=mask
        )
        return self.out_proj(attended.transpose(1, 2).reshape(batch, tokens, size))


class Layer(Module):
    def __init__(self, config):
        super().__init__()
        self.attn = Attention(config)
        self.norm1 = LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
        self.fc11 = Linear(config.n_embd, config.n_inner, bias=False)
        self.fc12 = Linear(config.n_embd, config.n_inner, bias=False)
        self.fc2 = Linear(config.n_inner, config.n_embd, bias=False)
        self.norm2 = LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)

    def forward(self, hidden, mask):
        hidden = self.norm1(hidden + self.attn(hidden, mask))
        return self.norm2(hidden + self.fc2(self.fc11(hidden) * silu(self.fc12(hidden))))


class NomicBertModel(transformers.PreTrainedModel):
    config_class = NomicBertConfig

    def __init__(self, config):
        super().__init__(config)
        self.word_embeddings = Embedding(config.vocab_size, config.n_embd)
        self.token_type_embeddings = Embedding(config.type_vocab_size, config.n_embd)
        self.emb_ln = LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
        self.layers = ModuleList(Layer(config) for _ in range(config.n_layer))
        self.post_init()

    def _init_weights(self, module):
        if isinstance(module, (Embedding, Linear)):
            module.weight.data.normal_(0, self.config.initializer_range)

    def forward(self, input_ids, attention_mask, token_type_ids=None, return_dict=True):
        types = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        hidden = self.emb_ln(self.word_embeddings(input_ids) + self.token_type_embeddings(types))
        mask = attention_mask[:, None, None, :].bool()
        for layer in self.layers:
            hidden = layer(hidden, mask)
        return BaseModelOutput(last_hidden_state=hidden)


transformers.AutoConfig.register(NomicBertConfig.model_type, NomicBertConfig)
transformers.AutoModel.register(NomicBertConfig, NomicBertModel)
