package io.embeddingoperator.runner.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.sink.run.Recipe;
import org.junit.jupiter.api.Test;

class SearchedSpaceTest {
    private static final Recipe FILLED =
            new Recipe("Recursive/256/0", "onnx model=aa tokenizer=bb pooling=CLS normalize=true prefix=passage: ");

    @Test
    void isReadAsItWasWritten() {
        assertThat(Recipe.read(FILLED.text())).isEqualTo(FILLED);
        Recipe openAi = new Recipe("None", "openai|text-embedding-3-small|1536|8191|");
        assertThat(Recipe.read(openAi.text())).isEqualTo(openAi);
    }

    @Test
    void aSearchMayDivideDocumentsOtherwise() {
        Recipe searching = new Recipe("None", FILLED.embedding());

        assertThatCode(() -> SearchedSpace.check(searching, FILLED, "public.vectors"))
                .doesNotThrowAnyException();
    }

    @Test
    void aSearchInDocumentsThatWereSentOtherwiseIsRefusedByWhatWasSaid() {
        Recipe told = new Recipe(
                "None", "openai|voyage-4|1024|8191| documentFields={input_type: \"document\", truncation: false}");
        Recipe untold = new Recipe("None", "openai|voyage-4|1024|8191|");

        assertThatThrownBy(() -> SearchedSpace.check(untold, told, "public.vectors"))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith(
                        "public.vectors was filled with documentFields={input_type: \"document\", truncation: false},"
                                + " and this manifest gives fewer settings: ");
    }

    @Test
    void aSearchWithAnotherPoolingAndPrefixIsRefusedByBothValues() {
        Recipe searching =
                new Recipe("Recursive/256/0", "onnx model=aa tokenizer=bb pooling=Mean normalize=true prefix=");

        assertThatThrownBy(() -> SearchedSpace.check(searching, FILLED, "public.vectors"))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("public.vectors was filled with pooling=CLS, prefix=passage: , and this manifest gives"
                        + " pooling=Mean, prefix=: distances between them mean nothing; search with the manifest that filled"
                        + " the table, or run the job with this one and spec.sink.pgvector.replacement: Swap first");
    }
}
