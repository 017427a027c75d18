package io.embeddingoperator.runner.sink.preparation;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.TableOwnership;
import io.embeddingoperator.runner.sink.state.TableOwners.Owner;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnershipCheckTest {
    /** Rows: none where there is no table; owners as job:ownership; writers of runs from before owners were recorded. */
    @ParameterizedTest(name = "{0}, rows {1}, owners {2}, writers {3}: {4}")
    @CsvSource(delimiter = '|', textBlock = """
            Own   | none |               |       | CREATE
            Own   | none | b:Own         |       | CREATE
            Own   |    0 |               |       | JOIN
            Own   |    9 |               |       | refused: which holds 9 rows that no recorded run wrote
            Own   |    9 |               | a     | JOIN
            Own   |    9 |               | a b   | refused: and was written by a, b
            Own   |    9 |               | b     | refused: and was written by b
            Own   |    9 | a:Own         |       | JOIN
            Own   |    9 | a:Own         | a b   | JOIN
            Own   |    9 | b:Own         | a b   | refused: owned by b
            Own   |    0 | b:Own         |       | refused: owned by b
            Own   |    9 | a:Share b:Share |     | refused: shared by b
            Share |    9 |               |       | JOIN
            Share |    9 | b:Share       |       | JOIN
            Share |    9 | b:Own         |       | refused: owned by b
            Share |    9 | b:Share c:Adopt |     | refused: owned by b, c
            Adopt |    9 |               |       | ADOPT
            Adopt |    9 | b:Own         |       | ADOPT
            Adopt |    9 | a:Own         |       | ADOPT
            Adopt |    9 | a:Adopt       |       | JOIN
            Adopt |    9 | a:Adopt b:Share |     | ADOPT
            Adopt | none | b:Own         |       | CREATE
            Own   |  1001 |              |       | refused: holds more than 1,000 rows
            """)
    void theJobAHasATable(String wanted, String rows, String owners, String writers, String expected) {
        OwnershipCheck check = new OwnershipCheck(
                "a",
                "public.vectors",
                TableOwnership.valueOf(wanted),
                words(owners).stream()
                        .map(owner -> owner.split(":"))
                        .map(owner -> new Owner(owner[0], TableOwnership.valueOf(owner[1])))
                        .toList(),
                words(writers),
                rows.equals("none") ? Optional.empty() : Optional.of(new OwnershipCheck.Rows(Integer.parseInt(rows))));

        Optional<String> refusal = check.refusal();

        if (expected.startsWith("refused: ")) {
            assertThat(refusal)
                    .hasValueSatisfying(sentence -> assertThat(sentence)
                            .contains(expected.substring("refused: ".length()))
                            .contains("spec.sink.pgvector.table is public.vectors")
                            .contains("ownership to Share")
                            .contains("to Adopt"));
        } else {
            assertThat(refusal).isEmpty();
            assertThat(check.claim()).hasToString(expected);
        }
    }

    private static List<String> words(String text) {
        return text == null ? List.of() : Arrays.asList(text.split(" "));
    }
}
