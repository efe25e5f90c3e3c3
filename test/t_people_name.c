/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_people_name.c - names taken apart, shown, and how they sound. */
#include "domain/person/name.h"

#include "people.h"
#include "tap.h"

static const struct {
    const char *full, *nationality, *given, *first, *second;
} split[] = {
    {"SANDRA MAJANO MENJÍVAR", "SLV", "Sandra", "Majano", "Menjívar"},
    {"NORMA XIOMARA CASTELLANOS", "HND", "Norma Xiomara", "Castellanos", ""},
    {"SEBASTIÁN DOMINGO", "GTM", "Sebastián", "Domingo", ""},
    {"JAN IXCOY GOMEZ", "GTM", "Jan", "Ixcoy", "Gomez"},
    {"PARRA HERNÁNDEZ, MARÍA ORIANA", "VEN", "María Oriana", "Parra",
     "Hernández"},
    {"CANAS, JOSE", "SLV", "Jose", "Canas", ""},
    {"FON, GRACE NADINE", "CMR", "Grace Nadine", "Fon", ""},
    {"GUERLINE FABIENNE ESTIME", "HTI", "Guerline Fabienne", "Estime", ""},
    {"PIERRE JEAN JEAN-BAPTISTE", "HTI", "Pierre Jean", "Jean-Baptiste", ""},
    {"JEAN-ROBERT WISLY JEAN", "HTI", "Jean-Robert Wisly", "Jean", ""},
    {"SAINT-LOUIS, WIDELINE JESULA", "HTI", "Wideline Jesula", "Saint-Louis",
     ""},
    {"PIERRE PIERRE", "HTI", "Pierre", "Pierre", ""},
    {"LUIZ JOÃO CONCEIÇÃO", "BRA", "Luiz João", "Conceição", ""},
    {"FRANCISCA ANA DA SILVA", "BRA", "Francisca Ana", "da Silva", ""},
    {"DOS SANTOS, FRANCISCA", "BRA", "Francisca", "dos Santos", ""},
    {"João Oliveira Souza", "BRA", "João", "Oliveira", "Souza"},
    {"PEDRO PASCUAL MATEO DOMINGO", "GTM", "Pedro Pascual", "Mateo", "Domingo"},
    {"MARTA DOMINGO GARCIA", "GTM", "Marta", "Domingo", "Garcia"},
    {"PETRONA DOMINGA GARCIA", "GTM", "Petrona Dominga", "Garcia", ""},
    {"ANA PETRONA CAAL VELÁSQUEZ", "GTM", "Ana Petrona", "Caal", "Velásquez"},
    {"BYRON AJANEL AJANEL", "GTM", "Byron", "Ajanel", "Ajanel"},
    {"Juan de la Cruz López", "MEX", "Juan", "de la Cruz", "López"},
    {"María del Carmen López Pérez", "MEX", "María del Carmen", "López",
     "Pérez"},
    {"José de Jesús Hernández", "MEX", "José de Jesús", "Hernández", ""},
    {"Ma. Guadalupe Ruiz Soto", "MEX", "Ma. Guadalupe", "Ruiz", "Soto"},
    {"JOSÉ JOSUÉ ORELLANA ZELAYA", "HND", "José Josué", "Orellana", "Zelaya"},
    {"KARRLA MARADIAGA VELASQUEZ", "HND", "Karrla", "Maradiaga", "Velasquez"},
    {"JOE MAURICIO HERNANDEZ RAMIREZ", "SLV", "Joe Mauricio", "Hernandez",
     "Ramirez"},
    {"HERNÁNDEZ LÓPEZ JUAN CARLOS", "HND", "Juan Carlos", "Hernández", "López"},
    {"Wideline", "HTI", "Wideline", "", ""},
    {"  maría   lópez ", "HND", "María", "López", ""},
    {"Ana López de García", "MEX", "Ana", "López", "de García"},
};

static void check_splits(struct tap *tap, const struct name_rules *rules)
{
    struct arena arena;

    arena_init(&arena, NULL);
    for (size_t i = 0; i < sizeof split / sizeof split[0]; i++) {
        struct name name;
        const char *got = "(no name)";

        if (name_split(rules, &arena, str_of(split[i].full),
                       name_custom_of(str_of(split[i].nationality)), &name))
            got = str_format(&arena, "%.*s|%.*s|%.*s", STR_ARGS(name.given),
                             STR_ARGS(name.first_surname),
                             STR_ARGS(name.second_surname))
                      .at;
        tap_is(tap, got,
               str_format(&arena, "%s|%s|%s", split[i].given, split[i].first,
                          split[i].second)
                   .at,
               split[i].full);
    }
    arena_release(&arena);
}

static void check_no_name(struct tap *tap, const struct name_rules *rules)
{
    static const char *const none[] = {"", "   ", "---", ".", "??", "123", ","};
    struct arena arena;
    struct name name;

    arena_init(&arena, NULL);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        tap_ok(tap,
               !name_split(rules, &arena, str_of(none[i]), NAME_SPANISH, &name),
               "no name in '%s'", none[i]);
    tap_ok(tap,
           name_split(rules, &arena, STR("GÉNESIS GUÉDEZ GONZÁLEZ"),
                      NAME_SPANISH, &name) &&
               !name.unsure && str_equal_c(name.first_surname, "Guédez"),
           "an unknown word in -ez is a surname");
    tap_ok(tap,
           name_split(rules, &arena, STR("Ana Ruiz (menor)"), NAME_SPANISH,
                      &name) &&
               !name.alias.size && str_equal_c(name.first_surname, "Ruiz"),
           "a remark in brackets is no alias");
    tap_ok(tap,
           name_split(rules, &arena, STR("José \"Chepe\" López"), NAME_SPANISH,
                      &name) &&
               str_equal_c(name.alias, "Chepe") &&
               str_equal_c(name.first_surname, "López"),
           "an alias in quotes");
    arena_release(&arena);
}

/* linkage.md 2.4 and 2.5, and what clerks wrote in the registers */
static const char *const alike[][2] = {
    {"Xavier", "Javier"},
    {"Jhon", "Yon"},
    {"Yesica", "Jessica"},
    {"Wilmer", "Guilmer"},
    {"Gómez", "Gomes"},
    {"Vázquez", "Basques"},
    {"Cañas", "Canas"},
    {"Muñoz", "Muños"},
    {"Muñiz", "Muniz"},
    {"Hernández", "Ernandes"},
    {"Villalobos", "Billalobos"},
    {"Villalobos", "Viyalobos"},
    {"Ixcoy", "Ixcoll"},
    {"Ysea", "Llsea"},
    {"Mejía", "Megia"},
    {"Jiménez", "Ximenez"},
    {"Giménez", "Jimenes"},
    {"Quiñones", "Kinones"},
    {"Charles", "Sharles"},
    {"Augustin", "Aujustin"},
    {"Philippe", "Filipe"},
    {"Yoel", "Joel"},
    {"Lenin", "Lennin"},
    {"Zelaya", "Selaya"},
    {"Giovanni", "Yovany"},
    {"Toussaint", "Tousen"},
    {"Jean", "Jan"},
    {"Joseph", "Josef"},
    {"Conceição", "Conceisao"},
    {"Keyla", "Keeyla"},
    {"Antonio", "Antoño"},
    {"Noé", "Nohé"},
    {"Nohemí", "Noemi"},
    {"Rodríguez", "Rodrigez"},
    {"Luís", "Luiz"},
    {"Yolanda", "Iolanda"},
    {"Xiomara", "Siomara"},
    {"México", "Méjico"},
};
static const char *const unlike[][2] = {
    {"María", "Mario"}, {"López", "Gómez"}, {"Pérez", "Páez"},
    {"Juan", "Juana"},  {"Reyes", "Ríos"},  {"Jean", "Juan"},
};

static void check_sounds(struct tap *tap)
{
    struct arena arena;
    struct phonetic a, b;

    arena_init(&arena, NULL);
    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++) {
        phonetic_of(&arena, str_of(alike[i][0]), &a);
        phonetic_of(&arena, str_of(alike[i][1]), &b);
        if (!tap_ok(tap, phonetic_equal(&a, &b), "%s sounds like %s",
                    alike[i][0], alike[i][1]))
            printf("# %s %s %s / %s %s %s\n", a.key[0], a.key[1], a.key[2],
                   b.key[0], b.key[1], b.key[2]);
    }
    for (size_t i = 0; i < sizeof unlike / sizeof unlike[0]; i++) {
        phonetic_of(&arena, str_of(unlike[i][0]), &a);
        phonetic_of(&arena, str_of(unlike[i][1]), &b);
        tap_ok(tap, !phonetic_equal(&a, &b), "%s does not sound like %s",
               unlike[i][0], unlike[i][1]);
    }
    tap_ok(tap, similar_jaro_winkler(STR("hernandez"), STR("hernandes")) > .92,
           "one letter at the end");
    tap_is_int(tap, similar_edits(STR("martha"), STR("marhta"), 2), 1,
               "a swap of neighbours is one edit");
    arena_release(&arena);
}

static void check_words(struct tap *tap, const struct name_rules *rules)
{
    struct arena arena;
    struct name_word word[NAME_WORDS_MAX];
    size_t n;

    arena_init(&arena, NULL);
    n = name_words(rules, &arena, STR("de la Cruz"), NAME_FIRST, word,
                   NAME_WORDS_MAX);
    tap_ok(tap,
           n == 1 && str_equal_c(word[0].text, "cruz") &&
               str_equal_c(word[0].joined, "delacruz"),
           "de la Cruz is cruz and delacruz");
    n = name_words(rules, &arena, STR("Delacruz"), NAME_FIRST, word,
                   NAME_WORDS_MAX);
    tap_ok(tap, n == 1 && str_equal_c(word[0].text, "cruz"),
           "Delacruz is cruz too");
    n = name_words(rules, &arena, STR("Jean-Baptiste"), NAME_FIRST, word,
                   NAME_WORDS_MAX);
    tap_ok(tap, n == 2 && str_equal_c(word[1].text, "baptiste"),
           "a hyphen parts words");
    n = name_words(rules, &arena, STR("Fco. J."), NAME_GIVEN, word,
                   NAME_WORDS_MAX);
    tap_ok(tap,
           n == 2 && str_equal_c(word[0].text, "francisco") &&
               str_equal_c(word[1].text, "jose"),
           "abbreviations open up");
    tap_ok(tap, name_same_class(rules, STR("pancho"), STR("francisco")),
           "Pancho is Francisco");
    tap_ok(tap, !name_same_class(rules, STR("maria"), STR("juan")),
           "María is not Juan");
    arena_release(&arena);
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;
    const struct name_rules *rules;

    arena_init(&arena, NULL);
    rules = name_rules_make(&arena, table_read(&arena, "catalog/name_word.csv"),
                            table_read(&arena, "catalog/nickname.csv"));
    check_splits(&tap, rules);
    check_no_name(&tap, rules);
    check_sounds(&tap);
    check_words(&tap, rules);
    arena_release(&arena);
    return tap_done(&tap);
}
