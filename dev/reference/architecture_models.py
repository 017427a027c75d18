"""The transformers of the architectures, with random weights: sixteen dimensions, one or two layers."""

import torch
import transformers as t

from architecture_nomic import NomicBertConfig, NomicBertModel

SIZE = 16
HEADS = 2
POSITIONS = 72
# Far more than models begin with: texts whose vectors are all alike would not tell a wrong one from a right one.
RANGE = {"initializer_range": 0.4}
ENCODER = {"hidden_size": SIZE, "num_attention_heads": HEADS, "intermediate_size": 2 * SIZE, **RANGE}
DECODER = {**ENCODER, "num_key_value_heads": 1, "max_position_embeddings": POSITIONS}


def with_biases(model):
    """Biases begin at zero and gains at one, and what does nothing cannot be missed."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.add_(torch.randn_like(parameter) * 0.2)
    return model.eval()


def special(tokenizer):
    return {
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }


def bert_configuration(tokenizer, layers=1, **other):
    return t.BertConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=POSITIONS,
        num_hidden_layers=layers,
        pad_token_id=tokenizer.pad_token_id,
        **ENCODER,
        **other,
    )


def bert(tokenizer):
    return t.BertModel(bert_configuration(tokenizer), add_pooling_layer=False)


def bert_of_two_layers(tokenizer):
    return t.BertModel(bert_configuration(tokenizer, layers=2), add_pooling_layer=False)


def bert_token_classifier(tokenizer):
    return t.BertForTokenClassification(bert_configuration(tokenizer, num_labels=9))


def bert_sequence_classifier(tokenizer):
    return t.BertForSequenceClassification(bert_configuration(tokenizer, num_labels=9))


def bert_masked_lm(tokenizer):
    return t.BertForMaskedLM(bert_configuration(tokenizer))


def mpnet(tokenizer):
    return t.MPNetModel(
        t.MPNetConfig(
            vocab_size=len(tokenizer),
            max_position_embeddings=POSITIONS,
            num_hidden_layers=1,
            **ENCODER,
            **special(tokenizer),
        ),
        add_pooling_layer=False,
    )


def distilbert(tokenizer):
    return t.DistilBertModel(
        t.DistilBertConfig(
            vocab_size=len(tokenizer),
            max_position_embeddings=POSITIONS,
            dim=SIZE,
            n_layers=1,
            n_heads=HEADS,
            hidden_dim=2 * SIZE,
            pad_token_id=tokenizer.pad_token_id,
            **RANGE,
        )
    )


def roberta(tokenizer):
    configuration = t.RobertaConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=POSITIONS,
        type_vocab_size=1,
        num_hidden_layers=1,
        **ENCODER,
        **special(tokenizer),
    )
    return t.RobertaModel(configuration, add_pooling_layer=False)


def xlm_roberta(tokenizer):
    configuration = t.XLMRobertaConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=POSITIONS,
        type_vocab_size=1,
        num_hidden_layers=2,
        **ENCODER,
        **special(tokenizer),
    )
    return t.XLMRobertaModel(configuration, add_pooling_layer=False)


def albert(tokenizer):
    configuration = t.AlbertConfig(
        vocab_size=len(tokenizer),
        embedding_size=8,
        max_position_embeddings=POSITIONS,
        num_hidden_layers=2,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.cls_token_id,
        eos_token_id=tokenizer.sep_token_id,
        **ENCODER,
    )
    return t.AlbertModel(configuration, add_pooling_layer=False)


def electra(tokenizer):
    return t.ElectraModel(
        t.ElectraConfig(
            vocab_size=len(tokenizer),
            embedding_size=8,
            max_position_embeddings=POSITIONS,
            num_hidden_layers=1,
            pad_token_id=tokenizer.pad_token_id,
            **ENCODER,
        )
    )


def deberta_v2(tokenizer):
    return t.DebertaV2Model(
        t.DebertaV2Config(
            vocab_size=len(tokenizer),
            max_position_embeddings=POSITIONS,
            num_hidden_layers=1,
            type_vocab_size=0,
            relative_attention=True,
            position_buckets=16,
            pos_att_type=["p2c", "c2p"],
            norm_rel_ebd="layer_norm",
            share_att_key=True,
            position_biased_input=False,
            pad_token_id=tokenizer.pad_token_id,
            **ENCODER,
        )
    )


def modernbert(tokenizer):
    return t.ModernBertModel(
        t.ModernBertConfig(
            vocab_size=len(tokenizer),
            max_position_embeddings=POSITIONS,
            num_hidden_layers=2,
            local_attention=16,
            global_attn_every_n_layers=2,
            reference_compile=False,
            attn_implementation="eager",
            pad_token_id=tokenizer.pad_token_id,
            cls_token_id=tokenizer.cls_token_id,
            sep_token_id=tokenizer.sep_token_id,
            bos_token_id=tokenizer.cls_token_id,
            eos_token_id=tokenizer.sep_token_id,
            **ENCODER,
        )
    )


def nomic_bert(tokenizer):
    """With what nomic-embed-text-v1.5 says of itself, in the names of GPT-2, besides."""
    return NomicBertModel(
        NomicBertConfig(
            vocab_size=len(tokenizer),
            n_embd=SIZE,
            n_head=HEADS,
            n_layer=2,
            n_inner=2 * SIZE,
            n_positions=8192,
            activation_function="swiglu",
            causal=False,
            max_trained_positions=2048,
            mlp_fc1_bias=False,
            mlp_fc2_bias=False,
            prenorm=False,
            qkv_proj_bias=False,
            rotary_emb_fraction=1.0,
            rotary_emb_interleaved=False,
            use_rms_norm=False,
            pad_token_id=tokenizer.pad_token_id,
            **RANGE,
        )
    )


def t5(tokenizer):
    return t.T5EncoderModel(
        t.T5Config(
            vocab_size=len(tokenizer),
            d_model=SIZE,
            d_kv=SIZE // HEADS,
            d_ff=2 * SIZE,
            num_layers=2,
            num_heads=HEADS,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )


def mistral(tokenizer):
    return t.MistralModel(
        t.MistralConfig(vocab_size=len(tokenizer), num_hidden_layers=1, **DECODER, **special(tokenizer))
    )


def qwen3(tokenizer):
    return t.Qwen3Model(
        t.Qwen3Config(
            vocab_size=len(tokenizer),
            num_hidden_layers=2,
            head_dim=SIZE // HEADS,
            **DECODER,
            **special(tokenizer),
        )
    )


def gemma3(tokenizer):
    return t.Gemma3TextModel(
        t.Gemma3TextConfig(
            vocab_size=len(tokenizer),
            num_hidden_layers=2,
            head_dim=SIZE // HEADS,
            use_bidirectional_attention=True,
            sliding_window=16,
            layer_types=["sliding_attention", "full_attention"],
            **DECODER,
            **special(tokenizer),
        )
    )


def clip_text(tokenizer):
    return t.CLIPTextModelWithProjection(
        t.CLIPTextConfig(
            vocab_size=len(tokenizer),
            projection_dim=12,
            max_position_embeddings=64,
            num_hidden_layers=1,
            initializer_factor=4.0,
            **{name: value for name, value in ENCODER.items() if name != "initializer_range"},
            **special(tokenizer),
        )
    )
