package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.api.v1alpha1.ModelInputNames;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/** What an input of a text model stands for, by the name that exporters give it, or the one that the manifest names. */
enum InputRole {
    INPUT_IDS("input_ids", "inputIds", ModelInputNames::inputIds) {
        @Override
        long at(int position, int[] ids, RowFilling filling) {
            return position < ids.length ? ids[position] : filling.padding();
        }
    },
    ATTENTION_MASK("attention_mask", "attentionMask", ModelInputNames::attentionMask) {
        @Override
        long at(int position, int[] ids, RowFilling filling) {
            return position < ids.length ? 1 : 0;
        }
    },
    TOKEN_TYPE_IDS("token_type_ids", "tokenTypeIds", ModelInputNames::tokenTypeIds) {
        @Override
        long at(int position, int[] ids, RowFilling filling) {
            return 0;
        }
    },
    POSITION_IDS("position_ids", "positionIds", ModelInputNames::positionIds) {
        @Override
        long at(int position, int[] ids, RowFilling filling) {
            return filling.firstPosition() + (long) position;
        }
    };

    private final String usualName;
    private final String field;
    private final Function<ModelInputNames, String> given;

    InputRole(String usualName, String field, Function<ModelInputNames, String> given) {
        this.usualName = usualName;
        this.field = field;
        this.given = given;
    }

    static Optional<InputRole> of(String inputName, ModelInputNames names) {
        return Arrays.stream(values())
                .filter(role -> role.nameIn(names).equals(inputName))
                .findFirst();
    }

    String nameIn(ModelInputNames names) {
        return given(names).orElse(usualName);
    }

    /** The name that the manifest gives it. */
    Optional<String> given(ModelInputNames names) {
        return Optional.ofNullable(given.apply(names));
    }

    /** The manifest's field for that. */
    String field() {
        return field;
    }

    /**
     * The value at a position of a row.
     *
     * @param position from 0 to the batch's longest text
     * @param ids of the row's own text
     */
    abstract long at(int position, int[] ids, RowFilling filling);
}
