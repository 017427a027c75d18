package io.embeddingoperator.runner.embed.onnx;

import java.util.Arrays;
import java.util.Optional;

/** What an input of a text model stands for, by the name that exporters give it. */
enum InputRole {
    INPUT_IDS("input_ids") {
        @Override
        long at(int position, int[] ids, int padding) {
            return position < ids.length ? ids[position] : padding;
        }
    },
    ATTENTION_MASK("attention_mask") {
        @Override
        long at(int position, int[] ids, int padding) {
            return position < ids.length ? 1 : 0;
        }
    },
    TOKEN_TYPE_IDS("token_type_ids") {
        @Override
        long at(int position, int[] ids, int padding) {
            return 0;
        }
    },
    POSITION_IDS("position_ids") {
        @Override
        long at(int position, int[] ids, int padding) {
            return position;
        }
    };

    private final String inputName;

    InputRole(String inputName) {
        this.inputName = inputName;
    }

    static Optional<InputRole> named(String name) {
        return Arrays.stream(values())
                .filter(role -> role.inputName.equals(name))
                .findFirst();
    }

    String inputName() {
        return inputName;
    }

    /**
     * The value at a position of a row.
     *
     * @param position from 0 to the batch's longest text
     * @param ids of the row's own text
     * @param padding the id that fills a row after its text
     */
    abstract long at(int position, int[] ids, int padding);
}
