"""Short and familiar forms of Western given names: evidence for a match only, never a correction of a value."""

from collections.abc import Mapping

FORMS = """
alexander alex alec sandy; alexandra alexa sandra lexi; alfred alf fred; amanda mandy; andrew andy drew; anthony tony anton;
antonia toni; arthur art; barbara barb babs; benjamin ben benny; bernard bernie; catherine cathy kate katie cath katherine
kathy kathryn katharine; charles charlie chuck chas; charlotte lottie; christine chris christina chrissy tina; christopher
kit; cynthia cindy; daniel dan danny; david dave davey; deborah deb debbie debra; donald don donnie; dorothy dot dottie;
edward ed eddie ted teddy ned; eleanor ellie nell; elizabeth liz beth betty lizzie eliza libby; frances fran; francis frank;
frederick freddie freddy; gabriel gabe; geoffrey geoff jeffrey jeff; gerald gerry jerry; gregory greg; harold harry hal;
henry hank; isabella bella izzy; jacob jake; jacqueline jackie; james jim jimmy jamie; janet jan; jennifer jen jenny jenn;
jessica jess jessie; john jack johnny; jonathan jon jonny; joseph joe joey; joshua josh; judith judy; kathleen kath;
kenneth ken kenny; kimberly kim; lawrence larry laurence; leonard len lenny; louis lou louie; lucille lucy; margaret maggie
meg peggy marge greta; matthew matt; maximilian max; megan meggie; michael mike mick micky; michelle shelly; nathaniel
nathan nate; nicholas nick nicky nicolas; nicole nikki; oliver olly ollie; pamela pam; patricia pat patty tricia trish;
patrick paddy; peter pete; philip phil phillip; rachel rach; raymond ray; rebecca becky becca; richard rick dick rich ricky;
robert bob rob bobby robbie bert; ronald ron ronnie; samuel sam sammy; samantha sammie; sarah sally sara; stephanie steph;
steven steve stephen stevie; stuart stu stewart; susan sue susie suzanne; theodore theo; theresa terri terry teresa tess;
thomas tom tommy; timothy tim; valerie val; veronica ronni; victoria vicky vicki tori; vincent vince vinny; virginia ginny;
walter walt wally; wilfred wilf; william bill will billy willy liam; zachary zach zack
"""
"""Groups of forms of one name; a form stands in one group only."""

NICKNAMES: Mapping[str, str] = {form: group.split()[0] for group in FORMS.split(";") for form in group.split()}
"""Form -> the name that stands for its group."""
