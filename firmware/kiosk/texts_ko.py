"""The messages in Korean; ids and form as in texts.ENGLISH. Large words have up to four letters, all on one line."""

KOREAN = """
permitted=통과
refer=문의
unverifiable=확인불가
admitted=허용
referred=인계
turned_back=돌려보냄
reading=조회중
idle=카드대기
one-card=한장씩
fault=고장
log-broken=기록고장
log-full=기록가득
reader-broken=판독고장
settings=설정
stopped=정지
# What stands in the bars.
entry=입구
exit=출구
link-up=게이트웨이 연결됨
link-down=게이트웨이 끊김
clock-unset=--:--
# The lines below a large word.
ok=유효한 허가
checked-here=이 기기 단독 판정
more=건 더
wait-gateway=게이트웨이 조회|카드 준비
one-card-please=카드 두 장 감지|한 장만 대세요
recorded=기록했습니다
recorded-change=정정은 다시 누름
use-paper=종이 서식 사용|기술자에게 연락
restart=다시 시작합니다|기술자에게 연락
# The count of a shift; %d is a number, ADMIT is what the button is called.
shift-counting=기록 세는 중|잠시 기다리세요
shift-persons=모두 %d명
shift-ask=교대하려면 ADMIT
shift-done=교대를 기록함
# An answer that a restart interrupted: the persons who were added have to be added again.
count-again=인원 다시 세기
# Reasons, as the rules name them.
no-permit=허가 카드 없음
card-not-genuine=진본 아닌 카드
unknown-card=등록 안 된 카드
card-blocked=차단된 카드
application-not-approved=신청 승인 안 됨
not-yet-valid=유효 기간 전
expired=허가 기간 만료
wrong-crossing-point=다른 지점의 허가
entries-exhausted=입국 횟수 소진
overstay=체류 기간 초과
outside-zone=다른 구역의 허가
reception-incomplete=접수소 체류 미완
party-too-large=인원 초과
# Causes of an answer that cannot be given.
clock-untrusted=시계 설정 안 됨
stale-roster=허가 명단 오래됨
card-unproven=카드 검증 안 됨
history-incomplete=이전 통행 모름
not-on-roster=명단에 없는 카드
# Notes.
missing-exit=나간 기록 없음
missing-entry=들어온 기록 없음
frequent=잦은 통행
impossible-travel=먼 곳에서 사용됨
# Faults: what is broken, and what to do. NO CARD is what the button is called.
fault-reader=NO CARD 누르기|기술자에게 연락
fault-clock=시계 설정 안 됨|날짜 확인 안 함
fault-screen=화면 고장|기술자에게 연락
fault-log=기록 고장|종이 서식 사용
fault-roster=명단 손상|게이트웨이 문의
fault-lights=표시등 고장|기술자에게 연락
fault-sound=부저 고장|기술자에게 연락
fault-buttons=버튼이 눌린 채임|기술자에게 연락
fault-link=통신선 고장|기술자에게 연락
fault-epoch=기록 번호 중복|기술자에게 연락
fault-battery=배터리 부족|기술자에게 연락
fault-program=프로그램 오류|기술자에게 연락
fault-memory=메모리 부족|기술자에게 연락
fault-state=정책 저장 안 됨|기술자에게 연락
log-80=기록 80% 참
log-95=기록 95% 참!
# What a wrong field of settings.json should be; numbers are put in for %d.
set-missing=없음
set-range=%d ~ %d
set-length=글자 수 %d-%d
set-word=모르는 값
set-flag=true / false
set-hex=16진수 %d자리
set-json=JSON 아님
set-long=너무 김
set-object={} 형식 아님
"""
